//! The metrics about the run that wrote a file: `ntpkit_textfile_*`.

use super::exposition::{Exposition, Family, gauge, in_prometheus_format, with_samples};

const SUCCESS: Family =
    gauge("ntpkit_textfile_success: Whether the run that wrote this file exited with status 0.");
const TIMESTAMP: Family =
    gauge("ntpkit_textfile_timestamp_seconds: When this file was written, in Unix time.");

/// Returns the contents of a file for the results of a run. `OpenMetrics` text gets two more samples, about the run, and
/// is converted for the textfile collector of `node_exporter` if requested; other text is unchanged.
pub fn textfile(text: &str, succeeded: bool, unix_time: f64, is_for_node_exporter: bool) -> String {
    let mut run = Exposition::default();
    run.add_alone(&SUCCESS, f64::from(u8::from(succeeded)));
    run.add_alone(&TIMESTAMP, unix_time);
    let whole = with_samples(text, &run.into_samples());
    if is_for_node_exporter { in_prometheus_format(&whole) } else { whole }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metrics_say_when_the_run_was_and_whether_it_succeeded() {
        let mut exposition = Exposition::default();
        exposition.add_alone(&gauge("x_seconds: X."), 1.0);
        let text = exposition.finish();
        let whole = textfile(&text, false, 1.5e9, false);
        assert!(whole.starts_with(text.strip_suffix("# EOF\n").unwrap()), "{whole}");
        assert!(whole.contains("\nntpkit_textfile_success 0\n"), "{whole}");
        assert!(whole.ends_with("\nntpkit_textfile_timestamp_seconds 1500000000\n# EOF\n"), "{whole}");
        assert_eq!(whole.matches("# EOF").count(), 1);
        let whole = textfile(&text, true, 1.5e9, true);
        assert!(whole.contains("\nntpkit_textfile_success 1\n") && !whole.contains("# EOF"), "{whole}");
        assert!(!whole.contains("# UNIT"), "{whole}");
        let alone = textfile("", false, 1.5e9, true);
        assert!(alone.starts_with("# TYPE ntpkit_textfile_success gauge\n"), "{alone}");
        assert!(alone.contains("\nntpkit_textfile_success 0\n"), "{alone}");
        for text in ["no metrics\n", "# EOF"] {
            assert_eq!(textfile(text, true, 1.5e9, true), text);
        }
    }
}
