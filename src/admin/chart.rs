//! The tension chart: inline SVG without script or style attributes, readable in both colour schemes by its classes.

use std::fmt::Write as _;

use super::view::Reading;
use super::words;
use crate::article::{DAY, HOUR, Time};

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 200.0;
const LEFT: f64 = 44.0;
const RIGHT: f64 = 12.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 26.0;

/// A signal that moved the line.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mark {
    pub time: Time,
    /// Escalatory signals point up.
    pub up: bool,
    /// What a pointer or a screen reader is told; plain words, escaped here.
    pub label: String,
}

/// What is drawn: readings oldest first, signals beside them.
pub struct Chart<'a> {
    pub title: &'a str,
    pub readings: &'a [Reading],
    pub marks: &'a [Mark],
}

struct Scale {
    from: i64,
    span: i64,
    top: i64,
}

impl Scale {
    fn new(chart: &Chart) -> Option<Self> {
        let times = || chart.readings.iter().map(|r| r.time.0).chain(chart.marks.iter().map(|m| m.time.0));
        let (first, last) = (times().min()?, times().max()?);
        let from = first.min(last - HOUR);
        let top = chart.readings.iter().map(|r| r.index).max().unwrap_or(0).max(1_000);
        // A round number of points above the highest reading.
        let step =
            [1, 2, 5, 10, 20, 50, 100, 200, 500].into_iter().find(|s| s * 4_000 >= top).unwrap_or(1_000);
        Some(Self { from, span: (last - from).max(1), top: step * 4_000 })
    }

    fn x(&self, time: Time) -> f64 {
        LEFT + (time.0 - self.from) as f64 / self.span as f64 * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, index: i64) -> f64 {
        let share = index.clamp(0, self.top) as f64 / self.top as f64;
        HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)
    }
}

/// Escapes for SVG text and attributes.
fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

impl Chart<'_> {
    /// The `<svg>` element; empty where there is nothing to draw.
    pub fn svg(&self) -> String {
        let Some(scale) = Scale::new(self) else { return String::new() };
        if self.readings.is_empty() {
            return String::new();
        }
        let mut svg = format!(
            "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"{}\">",
            escape(self.title)
        );
        self.grid(&scale, &mut svg);
        self.line(&scale, &mut svg);
        self.marks(&scale, &mut svg);
        svg.push_str("</svg>");
        svg
    }

    fn grid(&self, scale: &Scale, svg: &mut String) {
        for quarter in 0..=4 {
            let index = scale.top * quarter / 4;
            let y = scale.y(index);
            let right = WIDTH - RIGHT;
            let label = index / 1_000;
            let _ = write!(
                svg,
                "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/>"
            );
            let (x, y) = (LEFT - 6.0, y + 3.5);
            let _ =
                write!(svg, "<text class=\"tick\" x=\"{x}\" y=\"{y:.1}\" text-anchor=\"end\">{label}</text>");
        }
        let by_day = scale.span > 2 * DAY;
        for third in 0..=3 {
            let time = Time(scale.from + scale.span * third / 3);
            let pattern = if by_day { "%-d %b" } else { "%-d %b %H:%M" };
            let text = jiff::Timestamp::from_millisecond(time.0).map(|t| t.strftime(pattern).to_string());
            let anchor = ["start", "middle", "middle", "end"][third as usize];
            let (x, y) = (scale.x(time), HEIGHT - 8.0);
            let text = text.unwrap_or_default();
            let _ = write!(
                svg,
                "<text class=\"tick\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"{anchor}\">{text}</text>"
            );
        }
    }

    /// Steps: a reading holds until the next one.
    fn line(&self, scale: &Scale, svg: &mut String) {
        let mut path = String::new();
        let mut last_y = None;
        for reading in self.readings {
            let (x, y) = (scale.x(reading.time), scale.y(reading.index));
            let _ = match last_y {
                None => write!(path, "M{x:.1} {y:.1}"),
                Some(_) => write!(path, "H{x:.1}V{y:.1}"),
            };
            last_y = Some(y);
        }
        let right = WIDTH - RIGHT;
        let _ = write!(path, "H{right:.1}");
        let first = self.readings.first().map_or(LEFT, |r| scale.x(r.time));
        let base = HEIGHT - BOTTOM;
        let _ = write!(
            svg,
            "<path class=\"area\" d=\"{path}V{base}H{first:.1}Z\"/><path class=\"line\" d=\"{path}\"/>"
        );
        if let Some(reading) = self.readings.last() {
            let (x, y) = (scale.x(reading.time), scale.y(reading.index));
            let label = format!("{} points, {}", words::points(reading.index), words::clock(reading.time));
            let label = escape(&label);
            let _ = write!(
                svg,
                "<circle class=\"now\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\"><title>{label}</title></circle>"
            );
        }
    }

    fn marks(&self, scale: &Scale, svg: &mut String) {
        for mark in self.marks {
            let (x, base) = (scale.x(mark.time), HEIGHT - BOTTOM);
            let (class, tip, foot) =
                if mark.up { ("up", base - 9.0, base) } else { ("down", base, base - 9.0) };
            let (left, right, label) = (x - 5.0, x + 5.0, escape(&mark.label));
            let _ = write!(
                svg,
                "<path class=\"mark {class}\" d=\"M{left:.1} {foot}L{right:.1} {foot}L{x:.1} {tip}Z\"><title>{label}</title></path>"
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alert::Level;

    #[test]
    fn a_chart_is_drawn_and_its_words_are_escaped() {
        let reading = |time, index| Reading { time: Time(time), index, level: Level::Calm };
        let readings = [reading(0, 1_500), reading(HOUR, 9_500)];
        let marks = [Mark { time: Time(HOUR), up: true, label: "<script>\"'&".into() }];
        let svg = Chart { title: "a & b", readings: &readings, marks: &marks }.svg();
        assert!(svg.starts_with("<svg") && svg.ends_with("</svg>"));
        assert!(svg.contains("&lt;script&gt;&quot;&#39;&amp;") && !svg.contains("<script"));
        assert!(svg.contains("aria-label=\"a &amp; b\""));
        assert!(!svg.contains("style=") && !svg.contains("NaN"), "{svg}");
        assert!(svg.contains(">20<"), "the scale ends above 9.5: {svg}");
    }

    #[test]
    fn one_reading_is_a_line_and_none_is_nothing() {
        let readings = [Reading { time: Time(5), index: 0, level: Level::Calm }];
        assert!(Chart { title: "t", readings: &readings, marks: &[] }.svg().contains("class=\"now\""));
        assert_eq!(Chart { title: "t", readings: &[], marks: &[] }.svg(), "");
    }
}
