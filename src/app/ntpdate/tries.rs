//! The tries of a run: names, keys, sockets, queries, selection, clock; repeated after a failure if requested.

use super::args::NtpdateArgs;
use super::ask::{self, Authentication, POLITE_INTERVAL};
use super::channel::Channel;
use super::nts::Nts;
use super::servers::{Name, Target};
use super::set::Setter;
use super::surroundings::Surroundings;
use super::verdict::{self, Verdict};
use super::{FAILED, conclude, explain, keys, numbers, privileges, report, servers, structured};
use crate::cli::context::Context;
use crate::compat::Quirk;
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::net::sockets::Sockets;
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// The longest pause, however often a server asks for a lower rate.
const LONGEST_PAUSE: Duration = Duration::from_secs(1024);

/// A call of the program.
pub struct Tries<'a> {
    /// The command line.
    pub args: &'a NtpdateArgs,
    /// The servers' names.
    pub names: &'a [Name],
    /// Where messages go.
    pub channel: &'a Channel,
    /// The clock to set, and the network.
    pub surroundings: &'a dyn Surroundings,
    /// When the run started.
    pub begun: Duration,
}

/// State kept between tries.
#[derive(Default)]
struct Kept {
    /// Sockets that could not be opened again once privileges are dropped.
    opened: Option<Opened>,
    /// Servers that refused service and are not queried again.
    refusing: Vec<SocketAddr>,
    /// The shortest pause before the next try.
    pause: Duration,
    /// The number of tries in which a server asked for a lower rate.
    limited: u32,
    /// Whether another try would find no server to query.
    hopeless: bool,
    /// Whether the warning about the group's single vote was printed.
    warned_of_group: bool,
    /// The structured report of the last try.
    report: String,
}

struct Opened {
    authentication: Authentication,
    sockets: Sockets,
    nts: Nts,
}

impl Tries<'_> {
    /// Tries until a time is found or no try is left, and returns the exit status.
    pub fn run(&self, context: &mut Context) -> u8 {
        let mut kept = Kept::default();
        let mut left = self.args.retry;
        let status = loop {
            kept.pause = self.args.wait;
            let failed = Verdict::default();
            kept.report = structured::report(self.args, &structured::Run::failed(&failed));
            let status = self.attempt(context, &mut kept).unwrap_or(FAILED);
            let time_left = self.left().is_none_or(|left| left > kept.pause);
            if status == 0 || left == 0 || !time_left || kept.hopeless {
                break status;
            }
            left -= 1;
            context.output.flush();
            self.surroundings.pause(kept.pause);
        };
        context.output.result(&kept.report);
        status
    }

    /// The remaining time before the deadline.
    fn left(&self) -> Option<Duration> {
        let spent = self.surroundings.elapsed().saturating_sub(self.begun);
        self.args.deadline.map(|deadline| deadline.saturating_sub(spent))
    }

    /// One try; `None` if it ends before there is anything to choose from.
    fn attempt(&self, context: &mut Context, kept: &mut Kept) -> Option<u8> {
        let left = || self.left();
        let clock = self.surroundings.clock();
        // Privileges are dropped before anything is read from the network, including names.
        if self.args.user.is_some() && kept.opened.is_none() {
            kept.opened = Some(self.open(context)?);
        }
        let found = servers::resolve(context, self.args, self.names, self.channel, left());
        let mut targets = found
            .map_err(|nobody| {
                explain::print(context, self.args, || explain::nobody(&nobody, self.args.explain.detail()));
            })
            .ok()?;
        if kept.opened.is_none() {
            kept.opened = Some(self.open(context)?);
        }
        let opened = kept.opened.as_mut()?;
        let (names, channel) = (self.names, self.channel);
        opened.nts.begin(context, self.args, names, channel, left(), &mut targets);
        targets.retain(|target| !kept.refusing.contains(&target.address));
        self.warn_of_group(context, opened, &targets, &mut kept.warned_of_group);
        let questions = ask::Questions {
            args: self.args,
            authentication: &opened.authentication,
            channel: self.channel,
            surroundings: self.surroundings,
            limit: left(),
            unwanted: kept.refusing.clone(),
        };
        let watch = clock.watch();
        let mut servers = questions.ask(context, &mut opened.sockets, &targets, &mut opened.nts);
        if opened.nts.take_back(context, channel, clock, &mut servers) {
            // The stored keys were useless; new ones may work.
            let mut again = Vec::new();
            opened.nts.begin(context, self.args, names, channel, left(), &mut again);
            again.retain(|target| servers.iter().all(|server| server.address != target.address));
            let asked = servers.iter().map(|server| server.address);
            let unwanted = kept.refusing.iter().copied().chain(asked).collect();
            let questions = ask::Questions { limit: left(), unwanted, ..questions };
            let mut more = questions.ask(context, &mut opened.sockets, &again, &mut opened.nts);
            opened.nts.take_back(context, channel, clock, &mut more);
            servers.extend(more);
        }
        opened.nts.sort(&mut servers);
        opened.nts.save(context, self.args, channel);
        // Each time a server asks for a lower rate, the interval is doubled.
        kept.limited += u32::from(servers.iter().any(|server| server.rate_limited));
        let slower = 2_u32.saturating_pow(kept.limited);
        kept.pause =
            kept.pause.max(POLITE_INTERVAL).saturating_mul(slower).min(LONGEST_PAUSE.max(kept.pause));
        kept.refusing.extend(servers.iter().filter(|server| server.refused).map(|server| server.address));
        kept.hopeless =
            !servers.is_empty() && servers.iter().all(|server| kept.refusing.contains(&server.address));
        let setter = Setter {
            args: self.args,
            clock,
            channel: self.channel,
            watch: &watch,
            daemon: &|| self.surroundings.daemon(),
        };
        // Measurements with two different clocks are not valid figures either.
        if setter.is_overtaken(context) {
            return None;
        }
        let slots = self.args.sample_count();
        let verdict = verdict::judge(servers, slots, clock.now(), context.dialect);
        report(context, self.args, self.channel, clock, &verdict, slots);
        let (status, report) = conclude(context, &setter, &verdict, &opened.nts);
        if kept.hopeless && self.args.retry > 0 {
            let text = "every server denies service; no retry";
            self.channel.error(&mut context.output, text);
        }
        kept.report = report;
        Some(status)
    }

    /// Anybody on the path can answer for a group, from any number of addresses.
    fn warn_of_group(&self, context: &mut Context, opened: &Opened, targets: &[Target], warned: &mut bool) {
        let group = targets.iter().find(|target| target.address.ip().is_multicast());
        let unproved = !opened.authentication.wanted && !context.dialect.keeps(Quirk::EVERY_ADDRESS_VOTES);
        if let Some(group) = group
            && unproved
            && !std::mem::replace(warned, true)
        {
            let name = numbers::address(group.address);
            let text = format!("{name} is a multicast group: without -a all its servers share one vote");
            self.channel.warning(&mut context.output, &text);
        }
    }

    /// Opens the key and the sockets, then drops privileges that are no longer needed; `None` if the run ends here.
    fn open(&self, context: &mut Context) -> Option<Opened> {
        let authentication = self.authentication(context)?;
        let nts = Nts::open(context, self.args, self.names, self.channel, self.surroundings.clock())?;
        let port = if self.args.only_looks() || self.args.unprivileged { 0 } else { NTP_PORT };
        let family = self.args.family();
        let shared = context.dialect.keeps(Quirk::SHARED_PORT);
        let sockets =
            Sockets::of_families(family != AddressFamily::Ipv6, family != AddressFamily::Ipv4, port, shared);
        if !self.args.only_looks() {
            self.surroundings.clock().hurry();
        }
        let sockets = sockets.map_err(|error| {
            self.channel.error(&mut context.output, &error.to_string());
            explain::print(context, self.args, || explain::no_socket(&error, port));
        });
        let sockets = sockets.ok()?;
        if let Some(user) = &self.args.user
            && let Err(error) = privileges::drop_to(user)
        {
            self.channel.error(&mut context.output, &format!("{error:#}"));
            return None;
        }
        Some(Opened { authentication, sockets, nts })
    }

    /// The key for requests; `None` if the run ends here.
    fn authentication(&self, context: &mut Context) -> Option<Authentication> {
        let Some(id) = self.args.key_id() else { return Some(Authentication::default()) };
        let named = self.args.key_file.clone();
        let path = named.unwrap_or_else(|| keys::default_file(Path::new("/"), context.dialect));
        let reading = keys::read(&path, id, context.dialect);
        let file = path.as_path();
        let path = path.display();
        if context.dialect.keeps(Quirk::OPENSSL_REMARKS) && self.args.debug > 0 {
            for _ in 0..reading.cmac_rows {
                context.output.message("ssl_init.c:123:keytype_from_text():AES128CMAC:key\n");
            }
        }
        let mut error = |text: &str| self.channel.error(&mut context.output, text);
        for message in &reading.messages {
            error(message);
        }
        if reading.rejected {
            error(&format!("no key file <{path}>, exiting"));
            explain::print(context, self.args, || explain::no_key(file));
            return None;
        }
        let key = reading.key;
        // The original continues without authentication if the key is not in the file.
        if id == 0 || (key.is_none() && !context.dialect.keeps(Quirk::MISSING_KEY_IGNORED)) {
            error(&format!("authentication key {id} unknown"));
            explain::print(context, self.args, || explain::no_key(file));
            return None;
        }
        if reading.exposed && !context.dialect.keeps(Quirk::READABLE_KEYS_UNNOTICED) {
            let text = format!("key file {path} is accessible to other users");
            self.channel.warning(&mut context.output, &text);
        }
        Some(Authentication { wanted: true, key_id: id, key })
    }
}
