//! Queries the servers and traces the exchange.

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::nts::{self, Nts};
use super::servers::Target;
use super::surroundings::Surroundings;
use super::{numbers, verdict};
use crate::auth::Key;
use crate::cli::context::Context;
use crate::compat::{Dialect, Quirk};
use crate::model::selection::exchange;
use crate::net::seed;
use crate::net::sockets::Sockets;
use crate::session::Session;
use crate::session::drive::{Direction, Token, Watch};
use crate::session::sntp::{Asking, Event, Rules, Server, SntpSession};
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

/// The shortest interval between requests to one server.
pub const POLITE_INTERVAL: Duration = Duration::from_secs(2);
/// The original's timer: its first tick and its period, which a trace in the original's order needs.
const FIRST_TICK: Duration = Duration::from_millis(100);
const TICK: Duration = Duration::from_millis(200);

/// The number of servers whose replies fit the default receive buffer if they all arrive together.
const FEW: usize = 64;
/// The size of the receive buffer for more servers, in octets.
const BUFFER: usize = 4 << 20;

/// How requests are authenticated.
#[derive(Debug, Default)]
pub struct Authentication {
    /// Whether answers have to be authentic.
    pub wanted: bool,
    /// The key number as given.
    pub key_id: i64,
    /// The key, if it is in the key file.
    pub key: Option<Key>,
}

/// The parameters of the queries.
pub struct Questions<'a> {
    /// The command line.
    pub args: &'a NtpdateArgs,
    /// How requests are authenticated.
    pub authentication: &'a Authentication,
    /// Where messages go.
    pub channel: &'a Channel,
    /// This machine's clock.
    pub surroundings: &'a dyn Surroundings,
    /// The time limit for all queries.
    pub limit: Option<Duration>,
    /// Addresses that are not queried if a key exchange leads to them.
    pub unwanted: Vec<SocketAddr>,
}

impl Questions<'_> {
    /// Queries all servers until each is complete. Those whose keys are still being obtained join when they have them: the
    /// others are queried meanwhile, but no majority is final before every key exchange has ended.
    pub fn ask(
        &self,
        context: &mut Context,
        sockets: &mut Sockets,
        targets: &[Target],
        nts: &mut Nts,
    ) -> Vec<Server> {
        let Self { args, authentication, limit, .. } = self;
        let (args, limit) = (*args, *limit);
        let dialect = context.dialect;
        let in_turn = dialect.keeps(Quirk::TRACE_IN_TURN) && args.debug > 0;
        let slots = args.sample_count();
        let asking = Asking {
            version: args.version_field(),
            samples: slots,
            timeout: args.patience(),
            interval: if dialect.keeps(Quirk::IMPOLITE_RETRIES) { args.patience() } else { POLITE_INTERVAL },
            delay: if in_turn { FIRST_TICK } else { Duration::ZERO },
            stagger: if in_turn { TICK } else { Duration::ZERO },
            authenticate: authentication.wanted,
            key: authentication.key.clone(),
            key_delay: args.key_delay(),
            rules: rules(dialect),
            at_once: args.from.jobs.chosen().maximum(),
        };
        let addresses: Vec<SocketAddr> = targets.iter().map(|target| target.address).collect();
        let begin = self.surroundings.elapsed();
        let session = SntpSession::new(asking, &addresses, seed(), begin);
        let mut session = session
            .sharing_votes(targets.iter().map(|target| target.voters.clone()))
            .with_nts(targets.iter().map(|target| nts.part(args, target.address)));
        session.expect_more(nts.pending() > 0);
        if targets.len() > FEW {
            sockets.enlarge_receive_buffer(BUFFER);
        }
        let until = limit.map(|limit| begin.saturating_add(limit));
        let waker = nts.waker();
        let mut asked = Asked { questions: self, context, nts, until, slots };
        // Requests that cannot be sent because of socket errors count as lost.
        self.surroundings.converse(sockets, &mut session, &mut asked, waker.as_ref());
        session.into_servers()
    }
}

/// The original's rules that the dialect keeps.
fn rules(dialect: Dialect) -> Rules {
    Rules {
        copies_count: dialect.keeps(Quirk::COPIES_COUNT),
        forgeries_count: dialect.keeps(Quirk::FORGERY_CONDEMNS),
        stratum_16_is_no_answer: dialect.keeps(Quirk::STRATUM_16_UNHEARD),
        refusals_are_answers: dialect.keeps(Quirk::ASKS_AFTER_DENY),
        one_era: dialect.keeps(Quirk::STAMPS_OF_ONE_ERA),
        errors_are_ignored: dialect.keeps(Quirk::ERRORS_UNHEARD),
        groups_are_asked_anew: dialect.keeps(Quirk::GROUP_ANSWERS_UNCOUNTED),
    }
}

/// Traces events, and ends the queries when no further answers are needed.
struct Asked<'a> {
    questions: &'a Questions<'a>,
    context: &'a mut Context,
    nts: &'a mut Nts,
    /// When the time limit is reached.
    until: Option<Duration>,
    slots: usize,
}

impl Watch<SntpSession> for Asked<'_> {
    fn event(&mut self, _: Token, session: &mut SntpSession, event: Event) {
        let Questions { args, authentication, channel, .. } = self.questions;
        trace(self.context, args, session.servers(), authentication, channel, event);
        self.context.output.flush();
    }

    fn datagram(&mut self, _: Token, direction: Direction, payload: &[u8]) {
        if self.questions.args.debug > 0 {
            let verb = if direction == Direction::Sent { "sent" } else { "received" };
            self.context.output.result(nts::trace(payload, verb));
        }
    }

    fn turned(&mut self, session: &mut SntpSession) {
        let Questions { args, surroundings, channel, unwanted, .. } = self.questions;
        let now = surroundings.elapsed();
        self.nts.join(self.context, args, channel, unwanted, (&mut *session, now));
        let pending = self.nts.pending();
        if self.until.is_some_and(|until| now >= until) {
            session.give_up();
            self.nts.give_up(self.context, channel);
        } else if args.quick
            && verdict::is_settled(session.servers(), pending, self.slots, surroundings.clock().now())
        {
            session.stop();
        }
    }

    fn next_turn(&self, _now: Duration) -> Option<Duration> {
        self.until
    }
}

fn trace(
    context: &mut Context,
    args: &NtpdateArgs,
    servers: &[Server],
    authentication: &Authentication,
    channel: &Channel,
    event: Event,
) {
    let name =
        |place: usize| servers.get(place).map_or(String::new(), |server| numbers::address(server.address));
    if let Event::RateLimited(place) = event {
        let text = format!("{} rate limit response from server.", name(place));
        return channel.error(&mut context.output, &text);
    }
    if let Event::Unsent(address, number) = event {
        let reason = crate::cli::output::reason(&io::Error::from_raw_os_error(number));
        let text = format!("sendto({}): {reason}", numbers::address(address));
        return channel.error(&mut context.output, &text);
    }
    if args.debug == 0 {
        return;
    }
    let line = match event {
        Event::Transmit { server, authenticated } => {
            let name = name(server);
            let more = match (args.debug > 1, authenticated) {
                (false, _) => String::new(),
                (true, false) => format!("transmit to {name}\n"),
                (true, true) => format!("transmit auth to {name}\n"),
            };
            format!("transmit({name})\n{more}")
        }
        Event::Received(from) => format!("receive({})\n", numbers::address(from)),
        Event::Length(octets) => format!("receive: packet length {octets}\n"),
        Event::Mode(mode, stratum) => format!("receive: mode {mode} stratum {stratum}\n"),
        Event::NotFound => "receive: server not found\n".to_owned(),
        Event::OriginDiffers => "receive: pkt.org and peer.xmt differ\n".to_owned(),
        Event::Authentication { key_id, authentic } => {
            let more = if args.debug > 3 {
                let (own, right) = (authentication.key_id, i32::from(authentic));
                format!("receive: rpkt keyid={key_id} sys_authkey={own} decrypt={right}\n")
            } else {
                String::new()
            };
            format!("{more}receive: authentication {}\n", if authentic { "passed" } else { "failed" })
        }
        Event::Sampled(sample) if args.debug > 3 => {
            let (delay, offset) = exchange(sample.sent, sample.received, sample.transmitted, sample.arrived);
            let (offset, delay) =
                (numbers::offset(offset, context.dialect), numbers::seconds(delay.into(), 5));
            format!("offset: {offset}, delay {delay}\n")
        }
        Event::Sampled(_) | Event::RateLimited(_) | Event::Unsent(..) => return,
    };
    context.output.result(line);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_dialect_follows_the_rules_of_the_original() {
        assert_eq!(rules(Dialect::Native), Rules::default());
        let all = Rules {
            copies_count: true,
            forgeries_count: true,
            stratum_16_is_no_answer: true,
            refusals_are_answers: true,
            one_era: true,
            errors_are_ignored: true,
            groups_are_asked_anew: true,
        };
        assert_eq!(rules(Dialect::Classic), all);
    }
}
