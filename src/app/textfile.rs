//! `--output FILE`: results in a file, written atomically.

use crate::cli::format::Format;
use crate::cli::output::Output;
use crate::clock;
use crate::render::openmetrics;
use std::path::{Path, PathBuf};

/// The option of every program that prints metrics.
#[derive(Clone, Debug, Default, clap::Args)]
#[group(skip)]
pub struct OutputArgs {
    /// Write the results to FILE, atomically; for a FILE ending in `.prom`, in the format that `node_exporter`'s
    /// textfile collector reads
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

impl OutputArgs {
    /// Sends the results to the file, if one was given. It is written when the program ends.
    pub fn begin(&self, output: &mut Output, format: Format) {
        if let Some(path) = &self.output {
            let are_metrics = format == Format::Openmetrics;
            output.collect_into(
                path.clone(),
                if are_metrics { with_run_metrics } else { |results, _, _| results },
            );
        }
    }
}

/// Adds the metrics about the run.
fn with_run_metrics(results: Vec<u8>, succeeded: bool, path: &Path) -> Vec<u8> {
    let is_for_node_exporter = path.extension().is_some_and(|extension| extension == "prom");
    let now = clock::now().as_duration().as_secs_f64();
    match String::from_utf8(results) {
        Ok(text) => openmetrics::textfile(&text, succeeded, now, is_for_node_exporter).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}
