#!/bin/sh
# supervise.sh DIR COMMAND…: runs COMMAND with its output in DIR/log, prints its pid, and kills it when standard input
# closes: so nothing outlives a test binary, however that dies. DIR goes too, unless the last word read is "keep".
dir=$1
shift
"$@" </dev/null >>"$dir/log" 2>&1 &
pid=$!
echo "$pid"
exec >/dev/null 2>&1
word=
while read -r line; do word=$line; done
kill -KILL "$pid"
wait "$pid"
[ "$word" = keep ] || rm -rf "$dir"
