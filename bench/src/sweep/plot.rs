//! The curves as a picture: above what was answered, below how long it took on a scale of powers of ten. On a ground of its
//! own, so that it can be read on light pages and on dark ones.

use std::path::Path;

use plotters::coord::Shift;
use plotters::prelude::*;

use super::{Curve, Point};
use crate::figure::Latency;

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;

const SIZE: (u32, u32) = (1_000, 680);
const GROUND: RGBColor = RGBColor(253, 253, 250);
const FONT: (&str, u32) = ("sans-serif", 15);
/// Told apart by those who see no red or green too (Okabe and Ito).
const ANSWERED: RGBColor = RGBColor(0, 114, 178);
const OFFERED: RGBColor = RGBColor(120, 120, 120);

/// A line of the lower half.
struct Line {
    name: &'static str,
    color: RGBColor,
    part: fn(&Latency) -> f64,
}

const LINES: [Line; 3] = [
    Line {
        name: "p50",
        color: RGBColor(0, 114, 178),
        part: |latency| latency.p50_ms,
    },
    Line {
        name: "p99",
        color: RGBColor(230, 159, 0),
        part: |latency| latency.p99_ms,
    },
    Line {
        name: "p99.9",
        color: RGBColor(213, 94, 0),
        part: |latency| latency.p999_ms,
    },
];

/// Writes the picture to `file`.
pub(super) fn draw(file: &Path, curves: &[Curve]) -> anyhow::Result<()> {
    let root = SVGBackend::new(file, SIZE).into_drawing_area();
    root.fill(&GROUND)?;
    let (above, below) = root.split_vertically(SIZE.1 / 2);
    let halves = (1, curves.len().max(1));
    for (area, curve) in above.split_evenly(halves).iter().zip(curves) {
        draw_throughput(area, curve)?;
    }
    for (area, curve) in below.split_evenly(halves).iter().zip(curves) {
        draw_latency(area, curve)?;
    }
    root.present()?;
    Ok(())
}

fn draw_throughput(area: &Area<'_>, curve: &Curve) -> anyhow::Result<()> {
    let top = curve.points.iter().map(|point| point.offered).fold(1.0, f64::max);
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{}, answered per second", curve.call.row().name()), FONT)
        .margin(14)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..115.0, 0.0..top * 1.05)?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("offered, % of the peak")
        .x_label_formatter(&|percent| format!("{percent:.0}"))
        .y_label_formatter(&|rate| format!("{rate:.0}"))
        .label_style(FONT)
        .draw()?;
    let offered = curve.points.iter().map(|point| (percent(point), point.offered));
    chart
        .draw_series(LineSeries::new(offered, OFFERED.stroke_width(1)))?
        .label("offered")
        .legend(|at| key(at, OFFERED));
    let answered = curve.points.iter().filter_map(|point| {
        let answered = point.answered()?;
        Some((percent(point), answered.median))
    });
    chart
        .draw_series(LineSeries::new(answered, ANSWERED.stroke_width(2)).point_size(3))?
        .label("answered")
        .legend(|at| key(at, ANSWERED));
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(GROUND)
        .label_font(FONT)
        .draw()?;
    Ok(())
}

fn draw_latency(area: &Area<'_>, curve: &Curve) -> anyhow::Result<()> {
    let medians = |line: &Line| -> Vec<(f64, f64)> {
        let median = |point: &Point| Some((percent(point), point.latency(line.part)?.median));
        curve.points.iter().filter_map(median).collect()
    };
    let all: Vec<f64> = LINES.iter().flat_map(medians).map(|(_, ms)| ms).collect();
    let (low, high) = whole_powers(&all);
    let mut chart = ChartBuilder::on(area)
        .caption(format!("{}, milliseconds", curve.call.row().name()), FONT)
        .margin(14)
        .x_label_area_size(36)
        .y_label_area_size(64)
        .build_cartesian_2d(0.0..115.0, (low..high).log_scale())?;
    chart
        .configure_mesh()
        .light_line_style(TRANSPARENT)
        .x_desc("offered, % of the peak")
        .x_label_formatter(&|percent| format!("{percent:.0}"))
        .y_label_formatter(&|ms| format!("{ms}"))
        .label_style(FONT)
        .draw()?;
    for line in &LINES {
        let color = line.color;
        chart
            .draw_series(LineSeries::new(medians(line), color.stroke_width(2)).point_size(3))?
            .label(line.name)
            .legend(move |at| key(at, color));
    }
    chart
        .configure_series_labels()
        .position(SeriesLabelPosition::UpperLeft)
        .background_style(GROUND)
        .label_font(FONT)
        .draw()?;
    Ok(())
}

fn percent(point: &Point) -> f64 {
    f64::from(point.percent)
}

/// A short piece of a line, before its name.
fn key((x, y): (i32, i32), color: RGBColor) -> PathElement<(i32, i32)> {
    PathElement::new([(x, y), (x + 18, y)], color.stroke_width(3))
}

/// The powers of ten around the values: what a scale begins and ends with.
fn whole_powers(values: &[f64]) -> (f64, f64) {
    let least = values.iter().copied().fold(f64::INFINITY, f64::min);
    let most = values.iter().copied().fold(0.0, f64::max);
    if !(least > 0.0 && least <= most && most.is_finite()) {
        return (0.1, 10.0);
    }
    let low = 10f64.powf(least.log10().floor());
    (low, 10f64.powf(most.log10().ceil()).max(low * 10.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::figure::{Figure, Spread};
    use crate::rig::Calm;

    #[test]
    fn a_scale_holds_every_value_and_has_a_length_whatever_they_are() {
        assert_eq!(whole_powers(&[0.3, 42.0]), (0.1, 100.0));
        assert_eq!(whole_powers(&[10.0, 10.0]), (10.0, 100.0));
        assert_eq!(whole_powers(&[]), (0.1, 10.0));
    }

    #[test]
    fn the_picture_shows_both_halves_also_where_a_rate_was_never_answered() {
        let point = |percent, latency| Point {
            percent,
            offered: f64::from(percent) * 10.0,
            figures: vec![Figure {
                per_second: f64::from(percent) * 9.0,
                latency,
                ..Figure::default()
            }],
        };
        let latency = Latency {
            p50_ms: 0.4,
            p99_ms: 2.0,
            p999_ms: 9.0,
        };
        let curve = Curve {
            call: Calm::GetTask,
            peak: Spread::of([1_000.0]).unwrap(),
            points: vec![point(10, Some(latency)), point(110, None)],
        };
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("load.svg");
        draw(&file, &[curve]).unwrap();
        let text = std::fs::read_to_string(file).unwrap();
        for part in ["answered per second", "milliseconds", "p99.9", "</svg>"] {
            assert!(text.contains(part), "{part}");
        }
    }
}
