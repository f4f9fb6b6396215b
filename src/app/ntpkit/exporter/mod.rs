//! `ntpkit exporter`: metrics over HTTP, of this machine and of other allowed hosts.
//!
//! One thread serves HTTP (`server`), one queries the targets (`prober`), and a few do blocking work: this machine's
//! daemon, passwords, key exchanges. Mode 7 is never used.

mod access;
mod args;
mod auth;
mod here;
mod io;
mod listen;
mod log;
#[cfg(feature = "nts")]
mod nts;
mod prober;
mod process;
pub mod query;
mod reply;
mod route;
mod server;
mod shared;
mod stop;
pub mod target;
mod web;
mod web_config;

pub use args::ExporterArgs;

use crate::cli::context::Context;
use crate::cli::output::{Output, reason};
use crate::client::admission::Admission;
use access::Allowed;
use anyhow::{anyhow, bail};
use log::{Level, Log};
use prober::Prober;
use route::Exporter;
use server::{Connections, serve};
use std::net::TcpListener;
use std::rc::Rc;
use stop::EndSignals;
use tokio::runtime::{Builder, Runtime};
use tokio::task::{LocalSet, spawn_local};
use web::Web;

/// The number of threads for blocking work.
const BLOCKING_THREADS: usize = 24;
/// Their stack size.
const STACK: usize = 1 << 20;
/// The exit status if the exporter cannot start.
const FAILED: u8 = 1;

/// Runs `ntpkit exporter`. It returns 0 after SIGTERM or SIGINT, and 1 if it cannot start.
pub fn run(context: &mut Context, args: &ExporterArgs) -> u8 {
    let output = std::mem::replace(&mut context.output, Output::record());
    let log = Log::new(args.log_level, output);
    match prepare(args) {
        Ok((listeners, runtime, parts)) => {
            let Err(error) = work(listeners, runtime, parts, log, args) else { return 0 };
            context.output = Output::standard();
            context.output.message(format!("ntpkit exporter: {}\n", reason(&error)));
            FAILED
        }
        Err(error) => {
            log.write(Level::Error, "Cannot begin", &[("err", &format!("{error:#}"))]);
            FAILED
        }
    }
}

/// Everything that must be ready before the first answer.
struct Parts {
    web: Web,
    prober: Prober,
    #[cfg(feature = "nts")]
    nts: nts::NtsProber,
}

fn prepare(args: &ExporterArgs) -> anyhow::Result<(Vec<TcpListener>, Runtime, Parts)> {
    let web = Web::read(args.web_config.clone())?;
    let mut listeners = listen::passed()?;
    if listeners.is_empty() {
        if args.systemd_socket {
            bail!("systemd passed no socket (LISTEN_FDS)");
        }
        listeners = listen::at(&args.listen)?;
    }
    let allowed = Allowed::new(args.allow_targets.clone());
    let admission = Admission::new(move |address| allowed.admits(address));
    #[cfg(feature = "nts")]
    let nts = nts::NtsProber::new(args.ca.as_deref(), admission.clone()).map_err(|error| {
        let file = args.ca.as_ref().map_or(String::new(), |path| format!("{}: ", path.display()));
        anyhow!("{file}{error}")
    })?;
    let prober = Prober::start(admission).map_err(|error| anyhow!(reason(&error)))?;
    let runtime = Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(BLOCKING_THREADS)
        .thread_stack_size(STACK)
        .build()
        .map_err(|error| anyhow!(reason(&error)))?;
    let parts = Parts {
        web,
        prober,
        #[cfg(feature = "nts")]
        nts,
    };
    Ok((listeners, runtime, parts))
}

fn work(
    listeners: Vec<TcpListener>,
    runtime: Runtime,
    parts: Parts,
    log: Log,
    args: &ExporterArgs,
) -> std::io::Result<()> {
    let Parts {
        web,
        prober,
        #[cfg(feature = "nts")]
        nts,
    } = parts;
    log.write(Level::Info, "Starting ntpkit exporter", &[("version", env!("CARGO_PKG_VERSION"))]);
    let tls = if web.now(&log).tls.is_some() { "true" } else { "false" };
    let exporter = Rc::new(Exporter::new(
        args.clone(),
        log,
        web,
        prober,
        #[cfg(feature = "nts")]
        nts,
    ));
    let connections = Rc::new(Connections::default());
    let ended = LocalSet::new().block_on(&runtime, async {
        let mut signals = EndSignals::catch()?;
        let mut served = Vec::new();
        for listener in listeners {
            let listener = tokio::net::TcpListener::from_std(listener)?;
            let address = listener.local_addr()?.to_string();
            exporter.log.write(Level::Info, "Listening on", &[("address", &address), ("tls", tls)]);
            served.push(spawn_local(serve(listener, Rc::clone(&connections), Rc::clone(&exporter))));
        }
        let signal = signals.next().await.as_str();
        exporter.log.write(Level::Info, "Stopping", &[("signal", signal)]);
        for one in served {
            one.abort();
            // Then its listener is closed.
            drop(one.await);
        }
        connections.close().await;
        exporter.log.write(Level::Info, "Stopped", &[]);
        Ok(())
    });
    // Work in other threads is not awaited: nobody would see its results.
    runtime.shutdown_background();
    ended
}
