//! The last samples of an offset, and their plot in one line.

use std::collections::VecDeque;

/// The number of samples kept.
pub const KEPT: usize = 60;
/// The bars, from low to high.
const BARS: [char; 8] =
    ['\u{2581}', '\u{2582}', '\u{2583}', '\u{2584}', '\u{2585}', '\u{2586}', '\u{2587}', '\u{2588}'];

/// The last samples, oldest first; `None` where nothing was measured.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History(VecDeque<Option<f64>>);

impl History {
    /// Adds a sample.
    pub fn push(&mut self, sample: Option<f64>) {
        if self.0.len() == KEPT {
            self.0.pop_front();
        }
        self.0.push_back(sample.filter(|value| value.is_finite()));
    }

    /// The smallest and the largest sample.
    pub fn extremes(&self) -> Option<(f64, f64)> {
        let mut known = self.0.iter().flatten().copied();
        let first = known.next()?;
        Some(known.fold((first, first), |(low, high), value| (low.min(value), high.max(value))))
    }

    /// A bar for each of the last samples, as many as fit. Blanks stand for missing samples.
    pub fn bars(&self, width: usize) -> String {
        let Some((low, high)) = self.extremes() else { return String::new() };
        let range = high - low;
        let skipped = self.0.len().saturating_sub(width);
        let bar = |sample: &Option<f64>| match sample {
            None => ' ',
            Some(value) => {
                let share = if range > 0.0 && range.is_finite() { (value - low) / range } else { 0.5 };
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "a share between 0 and 1"
                )]
                let height = (share * 7.0).round() as usize;
                BARS.get(height).copied().unwrap_or(' ')
            }
        };
        self.0.iter().skip(skipped).map(bar).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(samples: &[Option<f64>]) -> History {
        let mut history = History::default();
        for sample in samples {
            history.push(*sample);
        }
        history
    }

    #[test]
    fn bars_span_the_range_of_the_samples() {
        let shown = history(&[Some(-1.0), None, Some(0.0), Some(6.0)]);
        assert_eq!(shown.bars(60), "\u{2581} \u{2582}\u{2588}");
        assert_eq!(shown.bars(2), "\u{2582}\u{2588}");
        assert_eq!(shown.extremes(), Some((-1.0, 6.0)));
        assert_eq!(history(&[Some(3.0), Some(3.0)]).bars(9), "\u{2585}\u{2585}");
        assert_eq!(history(&[None]).bars(9), "");
    }

    #[test]
    fn only_the_last_sixty_are_kept_and_no_value_upsets_them() {
        let mut long = History::default();
        (0..100).for_each(|number| long.push(Some(f64::from(number))));
        assert_eq!((long.bars(200).chars().count(), long.extremes()), (60, Some((40.0, 99.0))));
        let odd = history(&[Some(f64::NAN), Some(f64::INFINITY), Some(f64::MAX), Some(-f64::MAX)]);
        assert_eq!(odd.bars(9).chars().count(), 4);
        assert!(odd.bars(0).is_empty());
    }
}
