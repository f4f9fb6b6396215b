//! The reports in every format, and what is missing.

use super::args::ChronyArgs;
use crate::cli::context::Context;
use crate::cli::format::Format;
use crate::client::chronyd::{Lack, Outcome, Place};
use crate::client::probe::of_view;
use crate::client::view::View;
use crate::clock;
use crate::model::Origin;
use crate::model::chronyd::{Report, address_text};
use crate::model::daemons::variables::Variables;
use crate::net::names::{DEFAULT_PATIENCE, NameService, ReverseName};
use crate::render::chronyc::{self, Style, facts};
use crate::render::json::object_line;
use crate::render::openmetrics::{self, exposition::Exposition};
use crate::render::table::{TableStyle, chronyd as table};
use crate::session::chrony::Failure;
use crate::text::visible;
use crate::wire::chrony::Address;
use serde_json::{Map, Value, json};
use std::net::IpAddr;

/// What is to be printed.
pub struct Shown<'a> {
    args: &'a ChronyArgs,
    outcomes: &'a [Outcome],
    /// `None` if addresses are printed.
    names: Option<NameService>,
}

impl<'a> Shown<'a> {
    /// Starts the lookups of all names that will be printed.
    pub fn new(args: &'a ChronyArgs, outcomes: &'a [Outcome]) -> Self {
        let names = (!args.numeric && !args.csv).then(|| NameService::system(DEFAULT_PATIENCE));
        if let Some(service) = &names {
            let reports = outcomes.iter().filter_map(|outcome| outcome.report.as_ref());
            reports.flat_map(Report::addresses).for_each(|address| service.begin_reverse(address));
        }
        Self { args, outcomes, names }
    }

    /// The name of an address, as its owner set it.
    fn name(&self, address: &Address) -> String {
        let reverse = |ip: IpAddr| match self.names.as_ref()?.reverse(ip)? {
            ReverseName::Confirmed(name) | ReverseName::Unconfirmed(name) => Some(name),
        };
        let named = match address {
            Address::Ip(ip) => reverse(*ip),
            _ => None,
        };
        named.unwrap_or_else(|| address_text(address))
    }

    /// Prints it all.
    pub fn print(&self, context: &mut Context) {
        let is_several = self.outcomes.len() > 1;
        let format = self.args.format.chosen();
        let style = TableStyle {
            width: context.terminals.columns,
            color: context.terminals.output && !context.no_color,
            ..TableStyle::default()
        };
        match format {
            Format::Openmetrics => {
                let mut exposition = Exposition::default();
                self.outcomes.iter().for_each(|outcome| self.add(&mut exposition, outcome));
                context.output.result(exposition.finish());
            }
            Format::Json => {
                for outcome in self.outcomes {
                    context.output.result(self.json(outcome));
                }
            }
            _ => {
                for (at, outcome) in self.outcomes.iter().enumerate() {
                    if is_several && !self.args.csv {
                        let gap = if at > 0 { "\n" } else { "" };
                        context.output.result(format!("{gap}{}", heading(outcome)));
                    }
                    context.output.result(self.text(outcome, is_several, style));
                    self.complain(context, outcome);
                }
                return;
            }
        }
        for outcome in self.outcomes {
            self.complain(context, outcome);
        }
    }

    fn text(&self, outcome: &Outcome, is_several: bool, table_style: TableStyle) -> String {
        let Some(report) = &outcome.report else { return String::new() };
        let args = self.args;
        let all = args.all;
        let name = |address: &Address| self.name(address);
        if args.format.chosen() == Format::Table {
            let is_list = !matches!(
                report,
                Report::Tracking(_)
                    | Report::Measurements(_)
                    | Report::ServerStatistics(_)
                    | Report::Activity(_)
                    | Report::RealTimeClock(_)
            );
            return table(&facts::records(report, all, &name), is_list, table_style);
        }
        let host = visible(host(&outcome.place).as_bytes());
        let style = Style {
            csv: args.csv,
            verbose: args.verbose,
            all,
            key_establishments: self.args.key_establishments,
            host: is_several.then_some(host.as_str()),
            name: &name,
        };
        chronyc::report(report, style)
    }

    fn json(&self, outcome: &Outcome) -> String {
        let name = |address: &Address| self.name(address);
        let records = outcome.report.as_ref().map(|report| {
            let records = facts::records(report, self.args.all, &name);
            let object = |facts: Vec<facts::Fact>| -> Value {
                let keyed = facts.into_iter().filter(|fact| !fact.key.is_empty());
                let mut object = Map::new();
                object.extend(keyed.map(|fact| (fact.key.to_owned(), fact.value.json())));
                object.into()
            };
            records.into_iter().map(object).collect::<Vec<_>>()
        });
        let object = json!({
            "schema": "ntpkit.chrony.v1",
            "host": visible(host(&outcome.place).as_bytes()),
            "address": outcome.address.map(|address| address.ip().to_string()),
            "port": outcome.address.map(|address| address.port()),
            "time": clock::now().to_string(),
            "report": self.args.kind().name(),
            "records": records,
            "error": outcome.lack.as_ref().map(|lack| self.reason(outcome, lack)),
        });
        object_line(&object)
    }

    fn add(&self, exposition: &mut Exposition, outcome: &Outcome) {
        let host = host(&outcome.place);
        if let Some(Report::Tracking(tracking)) = &outcome.report {
            let origin = Origin { host: host.clone(), address: None, time: clock::now(), authentic: None };
            let view = View::new(Variables::of_chronyd(tracking, None), Vec::new());
            openmetrics::add_reports(exposition, &of_view(origin, &view));
            openmetrics::add_chrony(exposition, &host, tracking, None, None);
            return;
        }
        openmetrics::add_up(exposition, &host, outcome.report.is_some());
        if let Some(report) = &outcome.report {
            let (args, name) = (self.args, |address: &Address| self.name(address));
            let records = facts::records(report, args.all, &name);
            openmetrics::add_chronyd(exposition, &host, args.kind(), &records);
        }
    }

    /// Says what is missing, and why.
    fn complain(&self, context: &mut Context, outcome: &Outcome) {
        if let Some(lack) = &outcome.lack {
            let host = visible(host(&outcome.place).as_bytes());
            let reason = self.reason(outcome, lack);
            context.output.message(format!("ntpkit chrony: {host}: {}\n", visible(reason.as_bytes())));
        }
    }

    fn reason(&self, outcome: &Outcome, lack: &Lack) -> String {
        let report = self.args.kind().name();
        match lack {
            Lack::Failed(Failure::Unauthorized) => format!(
                "not authorised: chronyd gives this report only through its Unix socket; \
                 run `ntpkit chrony {report}' on that host, as root or as chronyd's user (_chrony or chrony)"
            ),
            Lack::Failed(Failure::Silent | Failure::Absent) if matches!(outcome.place, Place::Host(_)) => {
                let port = outcome.address.map_or(self.args.port, |address| address.port());
                format!("{lack} on UDP port {port} (see cmdallow and bindcmdaddress in chrony.conf)")
            }
            _ => lack.to_string(),
        }
    }
}

/// The name of a place.
fn host(place: &Place) -> String {
    match place {
        Place::Here => "localhost".to_owned(),
        Place::Socket(path) => path.display().to_string(),
        Place::Host(name) => name.clone(),
    }
}

/// The line above the report of one host of several.
fn heading(outcome: &Outcome) -> String {
    let name = visible(host(&outcome.place).as_bytes());
    match outcome.address.map(|address| address.ip().to_string()) {
        Some(address) if address != name => format!("{name} ({address}):\n"),
        _ => format!("{name}:\n"),
    }
}
