//! Routing of requests.

use super::args::{Collector, ExporterArgs};
use super::auth::Guard;
use super::here;
use super::log::{Level, Log};
use super::prober::Prober;
use super::process::Process;
use super::query::{format, parameters};
use super::reply::{Reply, line, reply};
use super::shared::{Answer, Pending, Shared, Turn};
use super::target::{Module, Target};
use super::web::Web;
use super::web_config::WebConfig;
use crate::clock::monotonic;
use crate::render::openmetrics::add_probe;
use crate::render::openmetrics::exposition::{Exposition, Samples, TextFormat};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, ALLOW, AUTHORIZATION, CONNECTION, HeaderName, HeaderValue, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response, StatusCode};
use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::{spawn_blocking, spawn_local};
use tokio::time::timeout;

/// The header with the scraper's timeout.
const SCRAPE_TIMEOUT: &str = "x-prometheus-scrape-timeout-seconds";
/// How much earlier than that to answer.
const MARGIN: Duration = Duration::from_millis(500);
/// The timeout for this machine's daemon.
const HERE_PATIENCE: Duration = Duration::from_secs(2);
/// The minimum interval between two readings of this machine's metrics.
const HERE_INTERVAL: Duration = Duration::from_secs(1);

/// The state shared by all requests.
pub struct Exporter {
    /// The log.
    pub log: Log,
    args: ExporterArgs,
    wanted: Vec<Collector>,
    web: Web,
    guard: Guard,
    prober: Prober,
    #[cfg(feature = "nts")]
    nts: super::nts::NtsProber,
    process: Process,
    targets: RefCell<Shared>,
    here: RefCell<Shared>,
}

impl Exporter {
    /// Creates the initial state.
    pub fn new(
        args: ExporterArgs,
        log: Log,
        web: Web,
        prober: Prober,
        #[cfg(feature = "nts")] nts: super::nts::NtsProber,
    ) -> Self {
        Self {
            wanted: args.collectors.wanted(),
            targets: RefCell::new(Shared::new(args.min_interval)),
            here: RefCell::new(Shared::new(HERE_INTERVAL)),
            args,
            log,
            web,
            guard: Guard::new(),
            process: Process::started_now(),
            prober,
            #[cfg(feature = "nts")]
            nts,
        }
    }

    /// The current web configuration.
    pub fn web(&self) -> Rc<WebConfig> {
        self.web.now(&self.log)
    }
}

/// Answers a request.
pub async fn respond(exporter: &Rc<Exporter>, request: Request<Incoming>) -> Response<Reply> {
    let web = exporter.web();
    let mut response = answer(exporter, &web, &request).await;
    for (name, value) in &web.headers {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            response.headers_mut().insert(name, value);
        }
    }
    // The body is not read, so a following request could not be distinguished from it.
    let has_body = !hyper::body::Body::is_end_stream(request.body());
    if has_body {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    response
}

async fn answer(exporter: &Rc<Exporter>, web: &WebConfig, request: &Request<Incoming>) -> Response<Reply> {
    if !web.users.is_empty() {
        let header = request.headers().get(AUTHORIZATION).map(HeaderValue::as_bytes);
        if !exporter.guard.admits(web, header).await {
            let mut response = line(StatusCode::UNAUTHORIZED, "Unauthorized");
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Basic"));
            return response;
        }
    }
    if ![Method::GET, Method::HEAD].contains(request.method()) {
        let mut response = line(StatusCode::METHOD_NOT_ALLOWED, "Only GET and HEAD are answered");
        response.headers_mut().insert(ALLOW, HeaderValue::from_static("GET, HEAD"));
        return response;
    }
    match request.uri().path() {
        "/probe" => probe(exporter, request).await,
        path if path == exporter.args.telemetry_path => metrics(exporter, request).await,
        "/-/healthy" => line(StatusCode::OK, "Healthy"),
        "/" => start_page(exporter),
        _ => line(StatusCode::NOT_FOUND, "Not found"),
    }
}

fn start_page(exporter: &Exporter) -> Response<Reply> {
    let path = exporter.args.telemetry_path.replace('&', "&amp;").replace('<', "&lt;").replace('"', "&quot;");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><title>ntpkit exporter</title></head><body>\n\
         <h1>ntpkit exporter {}</h1>\n<ul>\n\
         <li><a href=\"{path}\">Metrics of this machine</a></li>\n\
         <li><a href=\"/probe?target=localhost\">Probe of a target</a>: \
         <code>/probe?target=HOST[:PORT]&amp;module={}</code></li>\n\
         <li><a href=\"/-/healthy\">Whether the exporter is healthy</a></li>\n\
         </ul>\n</body></html>\n",
        env!("CARGO_PKG_VERSION"),
        Module::WORDS.join("|"),
    );
    reply(StatusCode::OK, "text/html; charset=utf-8", page)
}

/// The preferred format of a request.
fn wanted_format(request: &Request<Incoming>) -> TextFormat {
    let accepted: Vec<&str> =
        request.headers().get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok()).collect();
    format(&accepted.join(","))
}

/// The timeout of a request, if it states one.
fn scrape_timeout(request: &Request<Incoming>) -> Option<Duration> {
    let header = request.headers().get(SCRAPE_TIMEOUT)?.to_str().ok()?;
    let whole = Duration::try_from_secs_f64(header.parse().ok()?).ok().filter(|whole| !whole.is_zero())?;
    Some(whole.saturating_sub(MARGIN.min(whole / 5)))
}

fn samples(request: &Request<Incoming>, samples: &Samples) -> Response<Reply> {
    let format = wanted_format(request);
    reply(StatusCode::OK, format.media_type(), samples.text(format))
}

fn busy() -> Response<Reply> {
    line(StatusCode::SERVICE_UNAVAILABLE, "Too many targets are being asked: try again later")
}

fn dropped() -> Response<Reply> {
    line(
        StatusCode::SERVICE_UNAVAILABLE,
        "This target was queried less than --min-interval ago, and its answer had to make room",
    )
}

async fn metrics(exporter: &Rc<Exporter>, request: &Request<Incoming>) -> Response<Reply> {
    let patience = HERE_PATIENCE.min(scrape_timeout(request).unwrap_or(HERE_PATIENCE));
    let turn = exporter.here.borrow_mut().turn("", monotonic());
    let pending = match turn {
        Turn::Wait(pending) => pending,
        Turn::Dropped => return dropped(),
        Turn::Full => return busy(),
        Turn::Ask(sender, pending) => {
            let (wanted, daemon) = (exporter.wanted.clone(), exporter.args.daemon.chosen());
            let process = exporter.process;
            let exporter = Rc::clone(exporter);
            // The first client may disconnect while others wait.
            spawn_local(async move {
                match spawn_blocking(move || here::collect(process, &wanted, &daemon, patience)).await {
                    Ok(samples) => drop(sender.send(Some(Arc::new(Answer::Samples(samples))))),
                    Err(error) => {
                        exporter.log.write(Level::Error, "Collecting failed", &[("err", &error.to_string())]);
                    }
                }
            });
            pending
        }
    };
    match awaited(pending, Duration::from_secs(60)).await.as_deref() {
        Some(Answer::Samples(known)) => samples(request, known),
        _ => line(StatusCode::INTERNAL_SERVER_ERROR, "This machine's metrics could not be read"),
    }
}

async fn probe(exporter: &Rc<Exporter>, request: &Request<Incoming>) -> Response<Reply> {
    let Some(parameters) = parameters(request.uri().query().unwrap_or_default()) else {
        return line(StatusCode::BAD_REQUEST, "The query is not text");
    };
    let target = match Target::of(&parameters) {
        Ok(target) => target,
        Err(misuse) => return line(StatusCode::BAD_REQUEST, &misuse.to_string()),
    };
    let begun = monotonic();
    let limit = exporter.args.probe_timeout;
    let patience = limit.min(scrape_timeout(request).unwrap_or(limit));
    let turn = exporter.targets.borrow_mut().turn(&target.key(), begun);
    let pending = match turn {
        Turn::Wait(pending) => pending,
        Turn::Dropped => return dropped(),
        Turn::Full => return busy(),
        Turn::Ask(sender, pending) => {
            let (exporter, target) = (Rc::clone(exporter), target.clone());
            spawn_local(async move {
                if let Some(answer) = ask(&exporter, &target, patience).await {
                    drop(sender.send(Some(Arc::new(answer))));
                }
            });
            pending
        }
    };
    let grace = Duration::from_millis(200).min(MARGIN / 2);
    match awaited(pending.clone(), patience + grace).await.as_deref() {
        Some(Answer::Samples(known)) => samples(request, known),
        Some(Answer::Forbidden(reason)) => line(StatusCode::FORBIDDEN, reason),
        // The prober is gone.
        None if pending.has_changed().is_err() => busy(),
        None => {
            let mut exposition = Exposition::default();
            add_probe(&mut exposition, Some("timed_out"), monotonic().saturating_sub(begun));
            samples(request, &exposition.into_samples())
        }
    }
}

/// Queries a target; `None` if there are too many others.
async fn ask(exporter: &Rc<Exporter>, target: &Target, patience: Duration) -> Option<Answer> {
    let begun = monotonic();
    #[cfg(feature = "nts")]
    if target.module == Module::Nts {
        return exporter.nts.ask(target, patience).await;
    }
    let probed = exporter.prober.ask(&target.host, target.module.by(), patience)?.await.ok()?;
    let took = monotonic().saturating_sub(begun);
    let answer = target.answer(probed, took);
    let name = target.host.to_string();
    match &answer {
        Answer::Forbidden(reason) => {
            exporter.log.write(Level::Warn, "Target refused", &[("target", &name), ("err", reason)]);
        }
        Answer::Samples(_) => {
            let about = [("target", &*name), ("module", target.module.word())];
            exporter.log.write(Level::Debug, "Target probed", &about);
        }
    }
    Some(answer)
}

/// The answer, if it arrives in time.
async fn awaited(mut pending: Pending, patience: Duration) -> Option<Arc<Answer>> {
    let known = timeout(patience, pending.wait_for(Option::is_some)).await.ok()?.ok()?;
    known.clone()
}
