#!/bin/sh
# supervise.sh DIR COMMAND…: runs COMMAND with its output in DIR/log, prints its pid, and ends it when standard input
# closes: so nothing outlives a test binary, however that dies. DIR goes too, unless the last word read is "keep".
dir=$1
shift
"$@" </dev/null >>"$dir/log" 2>&1 &
pid=$!
echo "$pid"
exec >/dev/null 2>&1
word=
while read -r line; do word=$line; done
kill -CONT "$pid"
kill -TERM "$pid"
tries=0
while kill -0 "$pid" && [ "$tries" -lt 100 ]; do
    tries=$((tries + 1))
    sleep 0.05
done
kill -KILL "$pid"
wait "$pid"
[ "$word" = keep ] || rm -rf "$dir"
