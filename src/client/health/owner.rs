//! Which of the answering daemons sets the clock.

use super::failure::{Cause, Failure, Finding};
use crate::client::choice::DaemonChoice;
use crate::client::others::Other;
use crate::model::health::Health;
use crate::net::presence::{self, Process};

/// The answer of a daemon on this machine.
pub enum Answer {
    /// From one that speaks mode 6.
    Ntpd(Box<Health>),
    /// From one with its own protocol.
    Other(Other),
}

impl Answer {
    /// Returns the state of its clock.
    pub fn health(&mut self) -> Health {
        match self {
            Self::Ntpd(health) => (**health).clone(),
            Self::Other(other) => other.health(),
        }
    }

    /// The name of its process, as truncated by the kernel.
    fn process(&self) -> &'static str {
        match self {
            Self::Ntpd(_) => DaemonChoice::Ntpd.process(),
            Self::Other(other) => other.choice().process(),
        }
    }
}

/// Returns the only answer, or the only one whose daemon may set the clock.
///
/// # Errors
/// It cannot be determined which one that is.
pub fn choose(mut answers: Vec<Answer>) -> Result<Answer, Failure> {
    if answers.len() > 1 {
        let processes = presence::processes();
        let owners: Vec<bool> = answers.iter().map(|answer| is_owner(answer, &processes)).collect();
        if owners.iter().filter(|is_owner| **is_owner).count() != 1 {
            return Err(undecided(&mut answers));
        }
        let mut owners = owners.into_iter();
        answers.retain(|_| owners.next().unwrap_or(false));
    }
    answers.pop().ok_or_else(|| Cause::Nobody.into())
}

fn is_owner(answer: &Answer, processes: &[Process]) -> bool {
    processes.iter().any(|process| {
        process.name == answer.process() && process.may_set_clock == Some(true) && !process.is_elsewhere
    })
}

fn undecided(answers: &mut [Answer]) -> Failure {
    let mut findings: Vec<Finding> =
        answers.iter_mut().map(|answer| Finding::Answered(Box::new(answer.health()))).collect();
    findings.push(Finding::Said(
        "cannot determine which of them sets the clock: select one with --daemon".into(),
    ));
    Failure::from(Cause::Several).after(findings)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::health::Reader;
    use crate::wire::ntpd_rs::Observation;

    fn answers() -> Vec<Answer> {
        let health = Health::from_variables(0x0615, b"stratum=2, refid=192.0.2.1", Reader::Strict);
        vec![Answer::Ntpd(Box::new(health)), Answer::Other(Other::NtpdRs(Box::<Observation>::default(), 7))]
    }

    fn process(name: &str, may_set_clock: Option<bool>, is_elsewhere: bool) -> Process {
        Process { number: 1, name: name.into(), may_set_clock, is_elsewhere }
    }

    #[test]
    fn the_owner_may_set_the_clock_from_here() {
        let all = answers();
        let owners = |processes: &[Process]| -> Vec<bool> {
            all.iter().map(|answer| is_owner(answer, processes)).collect()
        };
        let (yes, no) = (Some(true), Some(false));
        assert_eq!(owners(&[process("ntpd", no, false), process("ntp-daemon", yes, false)]), [false, true]);
        assert_eq!(owners(&[process("ntpd", yes, true), process("ntp-daemon", None, false)]), [false, false]);
        assert_eq!(owners(&[process("ntpd", yes, false), process("ntpd", no, false)]), [true, false]);
        assert_eq!(owners(&[]), [false, false]);
    }

    #[test]
    fn one_answer_needs_no_choice_and_two_are_reported() {
        assert!(choose(answers().into_iter().take(1).collect()).is_ok());
        assert!(choose(Vec::new()).is_err());
        let failure = undecided(&mut answers());
        assert_eq!(failure.cause(), &Cause::Several);
        let daemons: Vec<&str> = failure
            .findings()
            .iter()
            .filter_map(|finding| match finding {
                Finding::Answered(health) => Some(health.daemon),
                Finding::Said(_) => None,
            })
            .collect();
        assert_eq!(daemons, ["ntpd", "ntpd-rs"]);
        assert!(matches!(failure.findings().last(), Some(Finding::Said(text)) if text.contains("--daemon")));
    }
}
