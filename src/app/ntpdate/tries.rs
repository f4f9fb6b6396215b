//! The tries of a run: names, keys, sockets, questions, choice, clock; and all again after a failure, if that is
//! wanted.

use super::args::NtpdateArgs;
use super::ask::{self, Authentication, POLITE_INTERVAL};
use super::channel::Channel;
use super::verdict::{self, Verdict};
use super::{FAILED, conclude, explain, keys, privileges, servers, structured, tell};
use crate::cli::context::Context;
use crate::clock::Stopwatch;
use crate::clock::setting::SettableClock;
use crate::compat::Quirk;
use crate::net::host::{AddressFamily, NTP_PORT};
use crate::net::time_link::TimeLink;
use std::net::SocketAddr;
use std::time::Duration;

/// One call of the program.
pub struct Tries<'a> {
    /// The command line.
    pub args: &'a NtpdateArgs,
    /// The servers' names.
    pub names: &'a [String],
    /// Where messages go.
    pub channel: &'a Channel,
    /// The clock to set.
    pub clock: &'a dyn SettableClock,
    /// What the deadline is measured by.
    pub stopwatch: Stopwatch,
}

/// What is kept for further tries.
#[derive(Default)]
struct Kept {
    /// Once privileges are given up these could not be had again.
    opened: Option<Opened>,
    /// Who refused to serve, and is not asked again.
    refusing: Vec<SocketAddr>,
    /// The least time before the next try.
    pause: Duration,
    /// The last try for programs to read.
    report: String,
}

struct Opened {
    authentication: Authentication,
    link: TimeLink,
}

impl Tries<'_> {
    /// Tries until there is a time or no try is left, and gives the exit status.
    pub fn run(&self, context: &mut Context) -> u8 {
        let mut kept = Kept::default();
        let mut left = self.args.retry;
        let status = loop {
            kept.pause = self.args.wait;
            let failed = Verdict::default();
            kept.report = structured::report(self.args, &structured::Run::failed(&failed));
            let status = self.attempt(context, &mut kept).unwrap_or(FAILED);
            let time_left = servers::left(self.args, &self.stopwatch).is_none_or(|left| left > kept.pause);
            if status == 0 || left == 0 || !time_left {
                break status;
            }
            left -= 1;
            context.output.flush();
            std::thread::sleep(kept.pause);
        };
        context.output.result(&kept.report);
        status
    }

    /// One try; none if it ends before there is something to choose from.
    fn attempt(&self, context: &mut Context, kept: &mut Kept) -> Option<u8> {
        let left = || servers::left(self.args, &self.stopwatch);
        // Who gives up privileges does so before anything is read that comes from the network: names too.
        if self.args.user.is_some() && kept.opened.is_none() {
            kept.opened = Some(self.open(context)?);
        }
        let Some(mut targets) = servers::resolve(context, self.args, self.names, self.channel, left()) else {
            if explain::is_wanted(context, self.args) {
                context.output.message(explain::NO_NAMES);
            }
            return None;
        };
        if kept.opened.is_none() {
            kept.opened = Some(self.open(context)?);
        }
        let opened = kept.opened.as_ref()?;
        targets.retain(|target| !kept.refusing.contains(&target.address));
        let questions = ask::Questions {
            args: self.args,
            authentication: &opened.authentication,
            channel: self.channel,
            clock: self.clock,
            limit: left(),
        };
        let servers = questions.ask(context, &opened.link, &targets);
        // Whoever is asked too often is asked half as often.
        let slower = if servers.iter().any(|server| server.rate_limited) { 2 } else { 1 };
        kept.pause = kept.pause.max(POLITE_INTERVAL).saturating_mul(slower);
        kept.refusing.extend(servers.iter().filter(|server| server.refused).map(|server| server.address));
        let slots = self.args.sample_count();
        let verdict = verdict::judge(servers, slots, self.clock.now(), context.dialect);
        tell(context, self.args, self.clock, &verdict, slots);
        let (status, report) = conclude(context, self.args, self.clock, self.channel, &verdict);
        kept.report = report;
        Some(status)
    }

    /// The key, the sockets, and then no more privileges than are needed; none if the run ends here.
    fn open(&self, context: &mut Context) -> Option<Opened> {
        let authentication = self.authentication(context)?;
        let port = if self.args.only_looks() || self.args.unprivileged { 0 } else { NTP_PORT };
        let family = self.args.family();
        let link = TimeLink::open(family != AddressFamily::Ipv6, family != AddressFamily::Ipv4, port)
            .map_err(|error| error.to_string());
        if !self.args.only_looks() {
            self.clock.hurry();
        }
        let link = link.and_then(|link| {
            self.args.user.as_deref().map_or(Ok(()), privileges::drop_to)?;
            Ok(link)
        });
        match link {
            Ok(link) => Some(Opened { authentication, link }),
            Err(text) => {
                self.channel.error(&mut context.output, &text);
                None
            }
        }
    }

    /// The key to ask with; none if the run ends here.
    fn authentication(&self, context: &mut Context) -> Option<Authentication> {
        let Some(id) = self.args.key_id() else { return Some(Authentication::default()) };
        let reading = keys::read(&self.args.key_file, context.dialect);
        let path = self.args.key_file.display();
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
            return None;
        }
        let key = u32::try_from(id).ok().and_then(|id| reading.keys.get(&id)).cloned();
        // The original goes on without authentication if the file lacks the key.
        if id == 0 || (key.is_none() && !context.dialect.keeps(Quirk::MISSING_KEY_IGNORED)) {
            error(&format!("authentication key {id} unknown"));
            return None;
        }
        if reading.exposed && !context.dialect.keeps(Quirk::READABLE_KEYS_UNNOTICED) {
            let text = format!("others may read or write the key file {path}");
            self.channel.warning(&mut context.output, &text);
        }
        Some(Authentication { wanted: true, key_id: id, key })
    }
}
