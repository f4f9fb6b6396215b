//! Messages for a failure: those of the original, and what else is known.

use super::classic;
use crate::client::health::{Failure, Finding};
use crate::model::health::Reader;

/// The complete message; in the classic dialect only the original's lines.
pub fn message(failure: &Failure, reader: Reader) -> String {
    let mut text = format!("{}\n", failure.cause());
    if reader == Reader::Strict {
        text.extend(findings(failure).iter().map(|line| format!("ntpstat: {line}\n")));
    }
    text
}

/// The failure in one line.
pub fn summary(failure: &Failure) -> String {
    failure.cause().to_string().lines().last().unwrap_or_default().to_owned()
}

/// The daemons that were tried, with the outcome, one per line.
pub fn findings(failure: &Failure) -> Vec<String> {
    let line = |finding: &Finding| match finding {
        Finding::Said(line) => line.clone(),
        Finding::Answered(health) => {
            let lines = classic::lines(health, None);
            format!("{}: {}", health.daemon, lines.lines().next().unwrap_or_default().trim_end())
        }
    };
    failure.findings().iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::health::Cause;
    use crate::model::health::Health;

    #[test]
    fn each_daemon_that_answers_has_its_line() {
        let health = Health::from_variables(0x0615, b"stratum=2, refid=192.0.2.1", Reader::Strict);
        let failure = Failure::from(Cause::Several)
            .after(vec![Finding::Answered(Box::new(health)), Finding::Said("select one".into())]);
        assert_eq!(
            message(&failure, Reader::Strict),
            "more than one NTP daemon answers\n\
             ntpstat: ntpd: synchronised to NTP server (192.0.2.1) at stratum 2\n\
             ntpstat: select one\n"
        );
        assert_eq!(message(&failure, Reader::Classic), "more than one NTP daemon answers\n");
        let invalid = Failure::from(Cause::Invalid(0x16, 0xc2));
        assert_eq!(summary(&invalid), "return data appears to be invalid based on status word");
    }
}
