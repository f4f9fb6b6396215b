//! Every session ends, within its deadline and its number of datagrams, whatever arrives and whenever. After each script the
//! server goes on: it repeats its last datagram every 4 seconds.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "what is missing here is a failed test")]

use ntpkit::session::Session;
use ntpkit::session::chrony::ChronySession;
use ntpkit::session::chrony::survey::{Extent, Patience, Survey};
use ntpkit::session::control::{Config, ControlSession, Request};
use ntpkit::session::mode7::{self, Mode7Session};
use ntpkit::wire::control::Opcode;
use ntpkit::wire::mode7::RequestCode;
use ntpkit::wire::{AssociationId, chrony};
use proptest::prelude::*;
use script::{Answer, Played, play};
use std::time::Duration;

#[cfg(test)]
#[path = "../fuzz/src/lib.rs"]
#[allow(clippy::pedantic, clippy::expect_used, reason = "the scripts of the fuzz targets")]
mod script;

const SILENCE: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(30);

/// The steps of a script: pauses of up to 4 s, replies to the latest requests or other datagrams, and what they contain.
fn scripts(contents: impl Strategy<Value = Vec<u8>>) -> impl Strategy<Value = Vec<u8>> {
    let pause = prop_oneof![4 => 0..20_u8, 1 => any::<u8>()];
    let kind = prop_oneof![6 => any::<u8>().prop_map(|kind| kind | 1), 1 => any::<u8>()];
    let step = (pause, kind, contents).prop_map(|(pause, kind, octets)| {
        let length = u16::try_from(octets.len()).unwrap().to_be_bytes();
        [&[pause, kind][..], &length, &octets].concat()
    });
    proptest::collection::vec(step, 0..40).prop_map(|steps| steps.concat())
}

/// Octets of any kind.
fn octets(most: usize) -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..most)
}

/// The data of mode 6 replies, nearly right.
fn variables() -> impl Strategy<Value = Vec<u8>> {
    let name = prop_oneof![
        "[a-z]{1,8}",
        "(addr|last|first|ct|mv|rs)[.][0-3]",
        "(now|nonce|last[.]newest|last[.]older)"
    ];
    let value =
        prop_oneof!["[0-9]{1,12}", "0xeeab74e[0-9][.][0-9a-f]{8}", "10[.]0[.]0[.][0-9]:123", "[ -~]{0,20}"];
    let item = (name, value).prop_map(|(name, value)| format!("{name}={value}"));
    let text = proptest::collection::vec(item, 0..12).prop_map(|items| items.join(", ").into_bytes());
    prop_oneof![5 => text, 1 => octets(60)]
}

/// Plays a script and checks what the conversation may cost.
fn costs<S: Session>(
    session: &mut S,
    (script, answer): (&[u8], Answer),
    most: Played,
    event: impl FnMut(S::Event),
) -> Result<(), TestCaseError> {
    let played = play(session, script, answer, event);
    prop_assert!(session.is_done());
    prop_assert!(played.lasted <= most.lasted && played.sent <= most.sent, "{:?}", played);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn mode_6(script in scripts(variables()), requests in 1..8_u16) {
        let config = Config { version: 2, first_sequence: 1, silence: SILENCE, patience: PATIENCE, probe: Some(7) };
        let mut session = ControlSession::new(config);
        for association in 0..requests {
            session.submit(Request::open(Opcode::READ_VARIABLES, AssociationId(association), Vec::new()));
        }
        let mut outcomes = 0;
        let most = Played { lasted: PATIENCE + SILENCE, sent: 60 * usize::from(requests) + 1 };
        costs(&mut session, (&script, script::control_reply), most, |_| outcomes += 1)?;
        prop_assert_eq!(outcomes, requests);
    }

    #[test]
    fn mode_7(script in scripts(octets(80)), code in 0..46_u8) {
        let config = mode7::Config { silence: SILENCE, patience: PATIENCE, probe: Some(7) };
        let mut session = Mode7Session::new(config);
        session.submit(mode7::Request {
            code: RequestCode(code),
            items: mode7::Items::default(),
            old_items: Some(mode7::Items::default()),
            seal: None,
            gives_up_early: false,
        });
        let mut outcomes = 0;
        let most = Played { lasted: PATIENCE + SILENCE, sent: 241 };
        costs(&mut session, (&script, script::mode7_reply), most, |_| outcomes += 1)?;
        prop_assert_eq!(outcomes, 1);
    }

    #[test]
    fn lists_of_clients(script in scripts(variables()), options in 0..32_u8) {
        let mut session = script::client_list(options);
        let most = Played { lasted: Duration::from_secs(300), sent: 6000 };
        costs(&mut session, (&script, script::control_reply), most, drop)?;
    }

    #[test]
    fn time(script in scripts(octets(60)), rules in any::<u8>()) {
        let mut session = script::time_round(4, rules);
        let most = Played { lasted: Duration::from_secs(20), sent: 12 };
        costs(&mut session, (&script, script::time_reply), most, drop)?;
    }

    #[test]
    fn chronyd(script in scripts(octets(80)), choice in any::<u8>()) {
        let request = match choice % 5 {
            0 => chrony::Request::Tracking,
            1 => chrony::Request::SourceCount,
            2 => chrony::Request::SourceData(u32::from(choice)),
            3 => chrony::Request::SourceStatistics(u32::from(choice)),
            _ => chrony::Request::ServerStatistics,
        };
        let mut session = ChronySession::new(&[], [7; 32]);
        session.ask(request, Duration::from_secs(10));
        let mut outcomes = 0;
        let most = Played { lasted: Duration::from_secs(20), sent: 30 };
        costs(&mut session, (&script, script::chrony_reply), most, |_| outcomes += 1)?;
        prop_assert_eq!(outcomes, 1);
    }

    #[test]
    fn surveys_of_chronyd(script in scripts(octets(80))) {
        let extent = Extent { tracking: true, sources: true, statistics: true };
        let patience = Patience { each: SILENCE, total: PATIENCE };
        let mut session = Survey::new(ChronySession::new(&[], [7; 32]), extent, patience);
        let most = Played { lasted: PATIENCE + SILENCE, sent: 2000 };
        costs(&mut session, (&script, script::chrony_reply), most, |event| match event {})?;
    }
}

#[cfg(feature = "nts")]
mod nts {
    use super::*;
    use ntpkit::auth::aead::{Aead, AeadKey};
    use ntpkit::session::nts::Association;
    use ntpkit::session::nts::association::Filler;
    use ntpkit::session::nts::probe::{Probe, Question};

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(200))]

        /// Nothing counts as an authentic reply, either.
        #[test]
        fn authenticated_time(script in scripts(octets(200)), tries in 1..5_usize, padding in 0..400_usize) {
            let key = |octet| AeadKey::new(Aead::AesSivCmac256, &[octet; 32]).unwrap();
            let association = Box::new(Association::new(key(1), key(2), vec![vec![9; 100]; 8]));
            let question = Question::Authentic { association, again: Some(Filler { padding, placeholders: 0 }) };
            let mut session = Probe::new(question, tries, Duration::from_secs(2), [7; 32]);
            let most = Played { lasted: Duration::from_secs(20), sent: tries };
            costs(&mut session, (&script, script::time_reply), most, drop)?;
            prop_assert!(session.reply.is_none());
        }
    }
}
