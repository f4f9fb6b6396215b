//! What the answers of a host mean.

use crate::cli::output::reason;
use crate::cli::plugin::{State, Thresholds};
use crate::client::exposure::Exposure;
use crate::session::exposure::{Answer, Question, Treatment};
use std::net::SocketAddr;

/// What closes mode 6 and mode 7 of ntpd.
const NOQUERY: &str = "ntp.conf: restrict default kod limited nomodify notrap nopeer noquery";
/// What closes chronyd's command port.
const COMMANDS: &str =
    "chrony.conf: remove cmdallow, or add `bindcmdaddress 127.0.0.1' and `bindcmdaddress ::1'";

/// A host with the findings about its answers.
#[derive(Debug)]
pub struct Examined {
    /// The host as it was named.
    pub name: String,
    /// The address that was asked.
    pub address: Option<SocketAddr>,
    /// A finding for each question; empty if the host was not asked.
    pub findings: Vec<Finding>,
    /// Why the host, or its NTP port, could not be asked.
    pub fault: Option<String>,
}

/// A finding about one answer.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The answer.
    pub answer: Answer,
    /// Its name in the output.
    pub name: &'static str,
    /// Its state.
    pub state: State,
    /// The finding in words.
    pub seen: String,
    /// The configuration that closes it.
    pub mend: Option<&'static str>,
}

impl Examined {
    /// The worst state. A host that does not answer at all is unknown: it may be down.
    pub fn state(&self) -> State {
        let is_silent = self.findings.iter().all(|finding| finding.answer.treatment == Treatment::Silent);
        let initial = if is_silent { State::Unknown } else { State::Ok };
        self.findings.iter().map(|finding| finding.state).fold(initial, State::or_worse)
    }
}

/// The name of a question in the output.
fn name(question: Question) -> &'static str {
    match question {
        Question::Time => "time",
        Question::Variables => "readvar",
        Question::Clients => "mrulist",
        Question::SystemInformation => "mode7",
        Question::Monlist => "monlist",
        Question::Tracking => "chronyd",
    }
}

/// Judges the answers of a host.
pub fn findings(exposure: &Exposure, thresholds: &Thresholds) -> Examined {
    match &exposure.result {
        Ok(asked) => Examined {
            name: exposure.name.clone(),
            address: Some(asked.address),
            findings: asked.answers.iter().map(|answer| finding(*answer, thresholds)).collect(),
            fault: asked.fault.as_ref().map(reason),
        },
        Err(error) => Examined {
            name: exposure.name.clone(),
            address: None,
            findings: Vec::new(),
            fault: Some(error.to_string()),
        },
    }
}

fn finding(answer: Answer, thresholds: &Thresholds) -> Finding {
    let question = answer.question;
    let measured = answer.amplification().filter(|_| answer.treatment != Treatment::Silent);
    let reflects = measured.map_or(State::Ok, |factor| thresholds.judge(Some(factor)));
    // Forged addresses never receive a nonce.
    let reflects = match question {
        Question::Clients if reflects == State::Critical => State::Warning,
        _ => reflects,
    };
    // Even a short answer gives away more than a stranger needs to know.
    let reveals = match (answer.treatment, question) {
        (Treatment::Answered, Question::Monlist) => State::Critical,
        (Treatment::Answered, question) if question != Question::Time => State::Warning,
        _ => State::Ok,
    };
    let state = reveals.or_worse(reflects);
    let close = match question {
        Question::Time => None,
        Question::Tracking => Some(COMMANDS),
        _ => Some(NOQUERY),
    };
    Finding {
        answer,
        name: name(question),
        state,
        seen: seen(&answer),
        mend: close.filter(|_| state != State::Ok),
    }
}

/// The treatment and the sizes in words.
fn seen(answer: &Answer) -> String {
    let Answer { sent, received, .. } = *answer;
    let sizes = answer
        .amplification()
        .map_or_else(String::new, |factor| format!(": {received} octets for {sent} ({factor:.1} times)"));
    match answer.treatment {
        Treatment::Silent if sent == 0 => "not asked".into(),
        Treatment::Silent => "no answer".into(),
        Treatment::Refused => format!("refused{sizes}"),
        Treatment::Answered => format!("answered{sizes}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::client::exposure::{Asked, NotAsked};

    fn judged(question: Question, treatment: Treatment, sent: u64, received: u64) -> (State, bool) {
        let thresholds = Thresholds { warning: "1".parse().ok(), critical: "20".parse().ok() };
        let answer = Answer { question, treatment, sent, received, datagrams: 1 };
        let finding = finding(answer, &thresholds);
        (finding.state, finding.mend.is_some())
    }

    #[test]
    fn the_state_depends_on_question_treatment_and_amplification() {
        use Question::{Clients, Monlist, SystemInformation, Time, Tracking, Variables};
        use Treatment::{Answered, Refused, Silent};
        for (question, treatment, sent, received, expected) in [
            (Time, Answered, 48, 48, State::Ok),
            (Time, Answered, 48, 68, State::Warning),
            (Variables, Silent, 12, 0, State::Ok),
            (Variables, Refused, 12, 12, State::Ok),
            (Variables, Answered, 12, 12, State::Warning),
            (Variables, Answered, 12, 500, State::Critical),
            (Clients, Refused, 12, 60, State::Warning),
            (Clients, Answered, 72, 60_000, State::Warning),
            (SystemInformation, Refused, 8, 8, State::Ok),
            (SystemInformation, Answered, 8, 80, State::Warning),
            (Monlist, Answered, 8, 8, State::Critical),
            (Monlist, Refused, 8, 8, State::Ok),
            (Tracking, Answered, 104, 104, State::Warning),
        ] {
            let (state, is_mended) = judged(question, treatment, sent, received);
            assert_eq!(state, expected, "{question:?} {treatment:?} {sent} {received}");
            assert_eq!(is_mended, state != State::Ok && question != Time, "{question:?}");
        }
    }

    #[test]
    fn a_silent_host_is_unknown() {
        let thresholds = Thresholds::default();
        let address = ([192, 0, 2, 1], 123).into();
        let silent =
            |question| Answer { question, treatment: Treatment::Silent, sent: 8, received: 0, datagrams: 0 };
        let mut answers = Question::ALL.map(silent).to_vec();
        let examine = |answers: &[Answer]| {
            let asked = Asked { address, answers: answers.to_vec(), fault: None };
            findings(&Exposure { name: "a".into(), result: Ok(asked) }, &thresholds).state()
        };
        assert_eq!(examine(&answers), State::Unknown);
        answers[0].treatment = Treatment::Answered;
        assert_eq!(examine(&answers), State::Ok);
        let unasked = Exposure { name: "a".into(), result: Err(NotAsked::Interrupted) };
        assert_eq!(findings(&unasked, &thresholds).state(), State::Unknown);
    }
}
