//! Evaluation of the servers' answers.

use super::numbers;
use crate::client::candidate::{candidate, sample};
use crate::clock::era::{Unfolded, unfold};
use crate::compat::{Dialect, Quirk};
use crate::model::selection::{Candidate, Sample, Unfit, VOTE, choose, choose_confirmed, filter, majority};
use crate::session::sntp::{Fault, Nonsense, Server};
use jiff::Timestamp;
use nix::errno::Errno;
use std::collections::BTreeMap;

/// A server and its evaluation.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The exchange with it.
    pub asked: Server,
    /// Its samples, oldest first.
    pub samples: Vec<Sample>,
    /// The values that the selection uses.
    pub candidate: Candidate,
    /// Why it is not used.
    pub unfit: Option<Unfit>,
}

impl Judged {
    /// Its address.
    pub fn name(&self) -> String {
        numbers::address(self.asked.address)
    }

    /// What is wrong with its answers, if none yielded a sample.
    pub fn inconsistency(&self) -> Option<Inconsistency> {
        let impossible = self.asked.answers() > 0;
        match self.asked.nonsense {
            _ if self.has_sample() => None,
            _ if impossible => Some(Inconsistency::TooLongThere),
            Some(Nonsense::NoReceiveTime) => Some(Inconsistency::NoReceiveTime),
            Some(Nonsense::SentBeforeReceived) => Some(Inconsistency::SentBeforeReceived),
            None => None,
        }
    }

    /// Whether it ever answered.
    pub fn answered(&self) -> bool {
        self.asked.reply.is_some()
    }

    /// Whether its time was measured at least once, so that it has an offset and a delay. A server that only refused,
    /// or whose answers were inconsistent, has none, and printing zeros would make it look healthy.
    pub fn has_sample(&self) -> bool {
        self.candidate.filtered.delay != 0
    }

    /// Why it is not used. If there are no data, also what happened to the requests.
    pub fn reason(&self, dialect: Dialect) -> Option<String> {
        let unfit = self.unfit?;
        if let Some(fault) = self.asked.nts_fault().filter(|_| unfit == Unfit::Untrusted) {
            return Some(format!("{unfit}: {fault}"));
        }
        if unfit != Unfit::NoData || dialect.keeps(Quirk::SILENT_SERVERS_UNMENTIONED) {
            return Some(unfit.to_string());
        }
        let detail = match self.asked.fault {
            _ if self.asked.rate_limited => "it limits the request rate (RATE)",
            _ if self.asked.refused => "it denies service (DENY)",
            _ if self.inconsistency().is_some() => "its answers are inconsistent",
            Some(Fault::Refused) => Errno::ECONNREFUSED.desc(),
            Some(Fault::Unreachable(number) | Fault::Local(number)) => Errno::from_raw(number).desc(),
            None if !self.asked.complete => "not waited for",
            None => "no answer",
        };
        Some(format!("{unfit}: {detail}"))
    }
}

/// Why a server's answers contain no valid time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Inconsistency {
    /// There is no receive timestamp.
    NoReceiveTime,
    /// According to the timestamps, they were sent before the request arrived.
    SentBeforeReceived,
    /// The timestamps are further apart than the whole exchange took.
    TooLongThere,
}

/// All servers, and the selected one.
#[derive(Clone, Debug, Default)]
pub struct Verdict {
    /// In query order.
    pub servers: Vec<Judged>,
    /// The index of the selected server.
    pub chosen: Option<usize>,
    /// Whether there are usable servers but no majority of them agrees.
    pub no_majority: bool,
    /// Whether there are exactly two usable servers and they disagree.
    pub two_disagree: bool,
}

impl Verdict {
    /// The selected server.
    pub fn chosen(&self) -> Option<&Judged> {
        self.servers.get(self.chosen?)
    }
}

/// Evaluates the servers, each of which was queried for this many samples; `now` is this machine's time.
pub fn judge(servers: Vec<Server>, slots: usize, now: Timestamp, dialect: Dialect) -> Verdict {
    let mut servers: Vec<Judged> =
        servers.into_iter().map(|server| judged(server, slots, now, dialect)).collect();
    let fit: Vec<usize> = places(&servers);
    let candidates: Vec<Candidate> = chosen_of(&servers, &fit).map(|server| server.candidate).collect();
    let votes = votes(&chosen_of(&servers, &fit).map(|server| &server.asked).collect::<Vec<_>>());
    let agreement = majority(&candidates, &votes, 0);
    let two_disagree = fit.len() == 2 && agreement.is_none();
    if dialect.keeps(Quirk::LOWEST_STRATUM_WINS) {
        let chosen = choose(&candidates).and_then(|place| fit.get(place).copied());
        return Verdict { servers, chosen, no_majority: false, two_disagree };
    }
    let honest = match agreement {
        Some(honest) => honest,
        None if two_disagree => vec![true; 2],
        None => return Verdict { servers, chosen: None, no_majority: !fit.is_empty(), two_disagree },
    };
    for (place, honest) in fit.iter().zip(honest) {
        if !honest && let Some(server) = servers.get_mut(*place) {
            server.unfit = Some(Unfit::Falseticker);
        }
    }
    let survivors = places(&servers);
    let candidates: Vec<Candidate> = chosen_of(&servers, &survivors).map(|server| server.candidate).collect();
    let chosen = choose_confirmed(&candidates).and_then(|place| survivors.get(place).copied());
    Verdict { servers, chosen, no_majority: false, two_disagree }
}

/// Whether a majority of all servers has answered and agrees, so that no outstanding answer can outvote it. `pending` is
/// the number of names whose server is not known yet.
pub fn is_settled(servers: &[Server], pending: usize, slots: usize, now: Timestamp) -> bool {
    // The number of servers in a group is unknown.
    if servers.iter().any(|server| server.is_group() && !server.complete) {
        return false;
    }
    let votes = votes(&servers.iter().collect::<Vec<_>>());
    let (mut candidates, mut voices) = (Vec::new(), Vec::new());
    for (server, vote) in servers.iter().zip(&votes).filter(|(server, _)| server.complete) {
        let judged = judged(server.clone(), slots, now, Dialect::Native);
        if judged.unfit.is_none() {
            candidates.push(judged.candidate);
            voices.push(*vote);
        }
    }
    let outstanding = VOTE.saturating_mul(u64::try_from(pending).unwrap_or(u64::MAX));
    majority(&candidates, &voices, votes.iter().sum::<u64>().saturating_add(outstanding)).is_some()
}

/// The weight of each server's vote. A name has one vote, which its servers share, and a server with several names has
/// at most one.
fn votes(servers: &[&Server]) -> Vec<u64> {
    let mut sharing: BTreeMap<usize, u64> = BTreeMap::new();
    for voter in servers.iter().filter(|server| !server.is_group()).flat_map(|server| &server.voters) {
        *sharing.entry(*voter).or_default() += 1;
    }
    let share = |voter: &usize| sharing.get(voter).map_or(0, |count| VOTE / count);
    let vote = |server: &&Server| {
        if server.is_group() { 0 } else { server.voters.iter().map(share).sum::<u64>().min(VOTE) }
    };
    servers.iter().map(vote).collect()
}

fn chosen_of<'a>(servers: &'a [Judged], places: &'a [usize]) -> impl Iterator<Item = &'a Judged> {
    places.iter().filter_map(|place| servers.get(*place))
}

fn places(servers: &[Judged]) -> Vec<usize> {
    servers.iter().enumerate().filter(|(_, server)| server.unfit.is_none()).map(|(place, _)| place).collect()
}

fn judged(asked: Server, slots: usize, now: Timestamp, dialect: Dialect) -> Judged {
    let samples: Vec<Sample> =
        asked.exchanges.iter().map(|exchange| sample(exchange).unwrap_or_default()).collect();
    let filtered = filter(&samples, slots);
    let Unfolded { offset, possible } = unfold(now, filtered.offset);
    // The original follows a server into any year.
    let offset = if possible || !dialect.keeps(Quirk::ANY_YEAR) { offset } else { filtered.offset.into() };
    let candidate = candidate(&asked, filtered, offset);
    let unfit = if asked.reply.is_none() && asked.unverified > 0 {
        Some(Unfit::Untrusted)
    } else {
        let without_sample = filtered.delay == 0 && !dialect.keeps(Quirk::ZEROS_ARE_TIME);
        let impossible = !possible && !dialect.keeps(Quirk::ANY_YEAR);
        let any_distance = dialect.keeps(Quirk::ANY_ROOT_DISTANCE);
        let unfit = if any_distance { candidate.unfit_as_original() } else { candidate.unfit() };
        unfit.or(without_sample.then_some(Unfit::NoData)).or(impossible.then_some(Unfit::ImpossibleTime))
    };
    Judged { asked, samples, candidate, unfit }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::sntp::{Asking, SntpSession};
    use crate::session::{Departure, Received, Session, Transmit};
    use crate::wire::packet::TimePacket;
    use crate::wire::timestamp::NtpTimestamp;
    use std::net::SocketAddr;
    use std::time::Duration;

    /// Servers that share votes like this, with these offsets in whole seconds; those with `None` have not answered.
    fn asked(servers: &[(&[usize], Option<i32>)]) -> Vec<Server> {
        let asking = Asking::plain(1, Duration::from_secs(1), Duration::from_secs(1));
        let address = |host: u8| SocketAddr::from(([192, 0, 2, host], 123));
        let addresses: Vec<SocketAddr> = (1..).zip(servers).map(|(host, _)| address(host)).collect();
        let mut session = SntpSession::new(asking, &addresses, [7; 32], Duration::ZERO)
            .sharing_votes(servers.iter().map(|(voters, _)| voters.to_vec()));
        let stamp = NtpTimestamp(100 << 32);
        while let Some(Transmit { to, payload }) = session.poll_transmit(Duration::ZERO) {
            session.handle_departure(&Departure { payload: &payload, stamp });
            let place = addresses.iter().position(|&address| Some(address) == to).unwrap();
            let Some(offset) = servers[place].1 else { continue };
            let theirs = (100_u64 << 32).wrapping_add_signed(i64::from(offset) << 32);
            let answer = TimePacket {
                mode: crate::wire::packet::Mode::SERVER,
                stratum: 2,
                leap: 0,
                precision: -20,
                root_delay: 0,
                root_dispersion: 0,
                origin_timestamp: TimePacket::parse(&payload).unwrap().transmit_timestamp,
                reference_timestamp: theirs,
                receive_timestamp: theirs,
                transmit_timestamp: theirs,
                ..TimePacket::request(0)
            };
            let octets = answer.to_bytes();
            let reply = Received::new(&octets, Duration::ZERO);
            session.handle(&Received { from: to, stamp: Some(stamp), ..reply });
        }
        session.into_servers()
    }

    fn now() -> Timestamp {
        "2026-11-28T00:00:00Z".parse().unwrap()
    }

    /// The selected index, and whether there is no majority.
    fn verdict(servers: &[(&[usize], Option<i32>)]) -> (Option<usize>, bool) {
        let verdict = judge(asked(servers), 1, now(), Dialect::Native);
        (verdict.chosen, verdict.no_majority)
    }

    #[test]
    fn five_addresses_of_one_name_have_one_vote() {
        let evil: [(&[usize], _); 5] = [(&[2], Some(3600)); 5];
        let (one, two): ((&[usize], _), (&[usize], _)) = ((&[0], Some(0)), (&[1], Some(0)));
        assert_eq!(verdict(&[&[one, two][..], &evil].concat()), (Some(0), false));
        assert_eq!(verdict(&[&evil[..], &[one, two]].concat()), (Some(5), false));
        // One name against another.
        assert_eq!(verdict(&[&[one][..], &evil].concat()), (None, true));
        // As addresses of a single name they are the majority.
        let own: Vec<(&[usize], _)> = vec![(&[0], Some(0)), (&[1], Some(9)), (&[2], Some(9))];
        assert_eq!(verdict(&own), (Some(1), false));
    }

    #[test]
    fn a_name_that_lists_other_servers_addresses_does_not_reduce_their_votes() {
        // The liar's name came first and lists both honest servers among its addresses.
        let servers: [(&[usize], _); 5] =
            [(&[0, 1], Some(0)), (&[0, 2], Some(0)), (&[0], Some(60)), (&[0], Some(60)), (&[0], Some(60))];
        assert_eq!(verdict(&servers), (Some(0), false));
        // Three names of one server count as one vote.
        let servers: [(&[usize], _); 3] = [(&[0, 1, 2], Some(60)), (&[3], Some(0)), (&[4], Some(0))];
        assert_eq!(verdict(&servers), (Some(1), false));
    }

    #[test]
    fn a_run_is_settled_when_no_outstanding_answer_can_outvote_it() {
        let settled = |servers: &[(&[usize], Option<i32>)]| is_settled(&asked(servers), 0, 1, now());
        assert!(settled(&[(&[0], Some(0)), (&[1], Some(0)), (&[2], None)]));
        assert!(!settled(&[(&[0], Some(0)), (&[1], None), (&[2], None)]));
        // Five addresses of one name are not a majority of three names, and half a vote is not a whole one.
        let evil: [(&[usize], _); 5] = [(&[2], Some(3600)); 5];
        assert!(!settled(&[&[(&[0][..], None), (&[1][..], None)], &evil[..]].concat()));
        assert!(!settled(&[(&[0], Some(0)), (&[1], Some(0)), (&[1], None), (&[2], None)]));
        // Servers whose keys are still being obtained may vote as well.
        let two: [(&[usize], _); 2] = [(&[0], Some(0)), (&[1], Some(0))];
        assert_eq!([0, 1, 2].map(|pending| is_settled(&asked(&two), pending, 1, now())), [true, true, false]);
    }
}
