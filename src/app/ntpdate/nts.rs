//! Servers queried with Network Time Security (RFC 8915): their keys, from handshakes or from a file, and the servers
//! whose handshake failed.

mod saved;

use super::args::NtpdateArgs;
use super::channel::Channel;
use super::explain;
use super::servers::{Name, Target};
use crate::cli::context::Context;
use crate::client::nts::{Obtained, Obtaining, Plan, advice, date};
use crate::clock::setting::SettableClock;
use crate::compact;
use crate::net::epoll::Waker;
use crate::net::host::Host;
use crate::net::key_exchange::{RootsFrom, roots};
use crate::net::many::Supply;
use crate::session::nts::{Association, Layer, Terms, Validity};
use crate::session::sntp::{NtsPart, Server, SntpSession};
use crate::wire::nts::extension::fields;
use crate::wire::nts::record::records;
use crate::wire::timestamp::NtpTimestamp;
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::time::Duration;

/// The shortest and longest time for a key exchange.
const MIN_PATIENCE: Duration = Duration::from_secs(1);
const MAX_PATIENCE: Duration = Duration::from_secs(8);
/// The NTP version that NTS protects.
const VERSION: u8 = 4;

/// The keys and cookies for one server.
#[derive(Clone, Debug)]
pub struct Known {
    /// The host as it was named; the keys are stored under this name.
    host: String,
    /// The number of its name on the command line.
    number: usize,
    /// The NTP server.
    server: SocketAddr,
    association: Association,
    /// The validity period of its certificate chain.
    validity: Option<Validity>,
    /// Whether the certificate was accepted although it is not valid according to this machine's clock.
    clock_disbelieved: bool,
    /// Whether the keys come from the file, so that the server may have discarded them.
    from_file: bool,
}

/// A server without keys.
#[derive(Clone, Debug)]
struct Failed {
    host: String,
    /// The number of its name on the command line.
    number: usize,
    layer: Layer,
    reason: String,
}

/// Key exchanges that have not ended.
struct UnderWay {
    obtaining: Obtaining,
    /// The hosts, with the numbers of their names; those that have ended are taken out.
    hosts: Vec<Option<(Host, usize)>>,
    waker: Waker,
}

/// All servers queried with NTS.
#[derive(Default)]
pub struct Nts {
    plan: Option<Plan>,
    saved: Vec<Known>,
    known: Vec<Known>,
    failed: Vec<Failed>,
    under_way: Option<UnderWay>,
}

impl Nts {
    /// Reads what is needed from this machine before privileges are dropped; `None` if the run ends here.
    pub fn open(
        context: &mut Context,
        args: &NtpdateArgs,
        names: &[Name],
        channel: &Channel,
        clock: &dyn SettableClock,
    ) -> Option<Self> {
        if !names.iter().any(|name| name.nts) {
            return Some(Self::default());
        }
        if args.version_field() != VERSION {
            channel.error(&mut context.output, "NTS needs version 4 of the protocol");
            return None;
        }
        let (store, from) = match roots(args.ca.as_deref()) {
            Ok(found) => found,
            Err(error) => {
                let file = args.ca.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
                channel.error(&mut context.output, &format!("{file}{error}"));
                return None;
            }
        };
        if from == RootsFrom::BuiltIn {
            let text = "this system has no certificate authorities: using the built-in ones";
            channel.warning(&mut context.output, text);
        }
        let mut terms = Terms::new(store, clock.now().as_second());
        terms.disbelieve_clock = args.nts_trust_time;
        if args.nts_trust_time {
            let text = "--nts-trust-time: this machine's clock is not trusted, and certificates that are valid at another time \
                        are; the time found must lie within their validity";
            channel.warning(&mut context.output, text);
        }
        let mut plan = Plan::new(terms);
        (plan.family, plan.ntp_port, plan.jobs) = (args.family(), args.port, args.from.jobs.chosen());
        let saved = match args.nts_save.as_deref().map(saved::read) {
            None => Vec::new(),
            Some(Ok(saved)) => saved,
            Some(Err(error)) => {
                let path = args.nts_save.as_ref().map_or(String::new(), |path| path.display().to_string());
                channel.warning(&mut context.output, &format!("{path}: {error}: making new handshakes"));
                Vec::new()
            }
        };
        Some(Self { plan: Some(plan), saved, ..Self::default() })
    }

    /// Adds the servers with known keys, and begins to obtain keys for all other names that use NTS: those servers
    /// [`join`](Self::join) the queries one by one.
    pub fn begin(
        &mut self,
        context: &mut Context,
        args: &NtpdateArgs,
        names: &[Name],
        channel: &Channel,
        left: Option<Duration>,
        targets: &mut Vec<Target>,
    ) {
        let Some(mut plan) = self.plan.clone() else { return };
        plan.patience = (args.patience() * 2).clamp(MIN_PATIENCE, MAX_PATIENCE).max(args.patience());
        if let Some(left) = left {
            plan.patience = plan.patience.min(left / 2);
            plan.name_patience = plan.name_patience.min(left / 4);
        }
        self.failed.clear();
        self.known.retain(|known| known.association.cookies().len() > 0);
        let mut hosts = Vec::new();
        for (number, name) in names.iter().enumerate().filter(|(_, name)| name.nts) {
            if self.known.iter().any(|known| known.number == number)
                || self.take_saved(number, name, &plan.terms)
            {
                continue;
            }
            match name.text.parse::<Host>() {
                Ok(host) => hosts.push(Some((host, number))),
                Err(error) => channel.error(&mut context.output, &format!("{}: {error}", name.shown)),
            }
        }
        self.under_way = None;
        if !hosts.is_empty() {
            let wanted = hosts.iter().flatten().map(|(host, _)| host.clone()).collect();
            let begun = Waker::new().and_then(|waker| {
                let obtaining = Obtaining::begin(wanted, plan, waker.clone())?;
                Ok(UnderWay { obtaining, hosts, waker })
            });
            match begun {
                Ok(under_way) => self.under_way = Some(under_way),
                Err(error) => {
                    let reason = crate::cli::output::reason(&error);
                    channel.error(&mut context.output, &format!("NTS key exchange: {reason}"));
                }
            }
        }
        for known in &self.known {
            // A server queried with NTS is not also queried without it.
            let mut voters = vec![known.number];
            targets.retain(|target| {
                let same = target.address == known.server;
                voters.extend(target.voters.iter().filter(|_| same));
                !same
            });
            targets.push(Target { address: known.server, voters });
        }
    }

    /// The number of names whose key exchange has not ended.
    pub fn pending(&self) -> usize {
        self.under_way.as_ref().map_or(0, |under_way| under_way.hosts.iter().flatten().count())
    }

    /// What ends the wait for packets when a key exchange ends.
    pub fn waker(&self) -> Option<Waker> {
        self.under_way.as_ref().map(|under_way| under_way.waker.clone())
    }

    /// Adds the servers whose key exchange has ended since the last call to the queries, except those at these addresses.
    pub fn join(
        &mut self,
        context: &mut Context,
        args: &NtpdateArgs,
        channel: &Channel,
        unwanted: &[SocketAddr],
        (session, now): (&mut SntpSession, Duration),
    ) {
        while let Some(under_way) = &mut self.under_way {
            match under_way.obtaining.poll() {
                Supply::Job((place, obtained)) => {
                    let host = under_way.hosts.get_mut(place).and_then(Option::take);
                    let Some((_, number)) = host else { continue };
                    if let Some(server) = self.take(context, args, channel, obtained, number)
                        && !unwanted.contains(&server)
                        && let Some(part) = self.part(args, server)
                    {
                        session.add_nts(server, number, part, now);
                    }
                }
                Supply::Later => return,
                Supply::End => {
                    self.under_way = None;
                    session.expect_more(false);
                }
            }
        }
    }

    /// Gives up the key exchanges that have not ended when time is up.
    pub fn give_up(&mut self, context: &mut Context, channel: &Channel) {
        let Some(under_way) = self.under_way.take() else { return };
        for (host, number) in under_way.hosts.into_iter().flatten() {
            let (host, layer) = (host.to_string(), Layer::Server);
            let reason = "time is up".to_owned();
            channel.error(&mut context.output, &format!("{host}: NTS failed ({layer}): {reason}"));
            self.failed.push(Failed { host, number, layer, reason });
        }
    }

    /// Puts the servers into the order of the names: those without NTS first.
    pub fn sort(&self, servers: &mut [Server]) {
        compact::sort_by_key(servers, |server| self.known_at(server.address).map(|known| known.number));
    }

    fn take_saved(&mut self, number: usize, name: &Name, terms: &Terms) -> bool {
        let Some(place) = self.saved.iter().position(|saved| saved.host == name.text) else { return false };
        let saved = self.saved.swap_remove(place);
        let valid = saved.validity.is_some_and(|validity| validity.contains(terms.now));
        if !valid && !terms.disbelieve_clock {
            return false;
        }
        let clock_disbelieved = terms.disbelieve_clock && !valid;
        self.known.push(Known { number, clock_disbelieved, ..saved });
        true
    }

    /// Stores the result of a key exchange; returns the server if there are keys.
    fn take(
        &mut self,
        context: &mut Context,
        args: &NtpdateArgs,
        channel: &Channel,
        obtained: Obtained,
        number: usize,
    ) -> Option<SocketAddr> {
        let host = obtained.host.to_string();
        match obtained.outcome {
            Ok((agreement, server)) => {
                if args.debug > 0 {
                    let name = crate::text::visible(host.as_bytes());
                    let took = obtained.took.unwrap_or_default().as_secs_f64();
                    let mut text =
                        format!("nts {name}: key exchange in {took:.6} s, {}\n", agreement.algorithm);
                    for record in records(&agreement.message) {
                        let (kind, octets) = (record.kind, record.body.len());
                        text +=
                            &format!("nts {name}: record {} ({}), {octets} octets\n", kind.name(), kind.0);
                    }
                    context.output.result(text + &format!("nts {name}: NTP server {server}\n"));
                }
                self.known.push(Known {
                    host,
                    number,
                    server,
                    association: agreement.association,
                    validity: agreement.validity,
                    clock_disbelieved: agreement.clock_disbelieved,
                    from_file: false,
                });
                Some(server)
            }
            Err(failure) => {
                let plan = self.plan.as_ref()?;
                let (reason, hint) = advice(&failure, &plan.terms);
                let reason = crate::text::visible(reason.as_bytes());
                let layer = failure.layer();
                channel.error(&mut context.output, &format!("{host}: NTS failed ({layer}): {reason}"));
                explain::print(context, args, || format!("{host}: {hint}.\n"));
                self.failed.push(Failed { host, number, layer, reason });
                None
            }
        }
    }

    /// The authentication of answers from the server at this address, if it uses NTS.
    pub fn part(&self, args: &NtpdateArgs, address: SocketAddr) -> Option<NtsPart> {
        let known = self.known_at(address)?;
        let refill = args.nts_save.is_some() || known.association.cookies().len() < args.sample_count();
        Some(NtsPart::new(known.association.clone(), refill))
    }

    fn known_at(&self, address: SocketAddr) -> Option<&Known> {
        self.known.iter().find(|known| known.server == address)
    }

    /// Stores what the answers returned, and drops times that no certificate vouches for. Returns whether there are
    /// servers whose stored keys were useless: those are forgotten and removed from `servers`.
    pub fn take_back(
        &mut self,
        context: &mut Context,
        channel: &Channel,
        clock: &dyn SettableClock,
        servers: &mut Vec<Server>,
    ) -> bool {
        let mut stale = Vec::new();
        for server in servers.iter_mut() {
            let Some(known) = self.known.iter_mut().find(|known| known.server == server.address) else {
                continue;
            };
            let Some(part) = &server.nts else { continue };
            known.association = part.association.clone();
            if known.from_file && server.verified == 0 {
                stale.push(server.address);
                continue;
            }
            known.from_file = false;
            let Some(reply) = server.reply else { continue };
            let time = NtpTimestamp(reply.transmit_timestamp).unix_seconds(clock.now().as_second());
            if let Some(validity) = known.validity.filter(|_| known.clock_disbelieved)
                && !validity.contains(time)
            {
                let text = format!(
                    "{}: its time, {}, is outside the validity of its certificate and is not used",
                    known.host,
                    date(time)
                );
                channel.error(&mut context.output, &text);
                server.reply = None;
                server.exchanges.clear();
                server.unverified = server.unverified.saturating_add(1);
            }
        }
        servers.retain(|server| !stale.contains(&server.address));
        self.known.retain(|known| !stale.contains(&known.server));
        !stale.is_empty()
    }

    /// Saves keys and cookies for the next run if requested.
    pub fn save(&self, context: &mut Context, args: &NtpdateArgs, channel: &Channel) {
        let Some(path) = &args.nts_save else { return };
        let known = self.known.iter().filter(|known| known.association.cookies().len() > 0);
        if let Err(error) = saved::write(path, known.chain(&self.saved)) {
            let reason = crate::cli::output::reason(&error);
            channel
                .error(&mut context.output, &format!("{}: {reason}: NTS keys are not saved", path.display()));
        }
    }

    /// The NTS data of the server at this address for structured output.
    pub fn json(&self, address: SocketAddr) -> Value {
        let Some(known) = self.known_at(address) else { return Value::Null };
        json!({
            "host": known.host,
            "aead": known.association.algorithm().number(),
            "cookies_left": known.association.cookies().len(),
            "certificate_not_after": known.validity.map(|validity| date(validity.not_after)),
            "clock_disbelieved": known.clock_disbelieved,
        })
    }

    /// The servers without keys for structured output.
    pub fn failures_json(&self) -> Value {
        let mut failures: Vec<&Failed> = self.failed.iter().collect();
        compact::sort_by_key(&mut failures, |failed| failed.number);
        failures
            .into_iter()
            .map(|failed| {
                json!({ "host": failed.host, "layer": failed.layer.word(), "reason": failed.reason })
            })
            .collect()
    }
}

/// The extension fields of a packet for the trace; empty if there are none.
pub fn trace(payload: &[u8], verb: &str) -> String {
    let fields = fields(payload).unwrap_or_default();
    let names: Vec<String> =
        fields.iter().map(|field| format!("{} {}", field.kind.name(), field.body.len() + 4)).collect();
    if names.is_empty() {
        return String::new();
    }
    format!("nts: {verb} {} octets: {}\n", payload.len(), names.join(", "))
}

/// Whether keys and cookies are stored in a file.
pub fn keeps_cookies(args: &NtpdateArgs) -> bool {
    args.nts_save.is_some()
}

/// Marks the names to be queried with NTS.
pub fn mark(args: &NtpdateArgs, names: &mut [Name]) {
    for name in names {
        if let Some(host) = name.text.strip_prefix("nts:").map(str::to_owned) {
            name.nts = true;
            name.shown = name.shown.strip_prefix("nts:").unwrap_or(&name.shown).to_owned();
            name.text = host;
        }
        name.nts |= args.nts;
    }
}
