//! Gives the program its date, so that equal sources make equal builds, and the linker what a release needs.

use jiff::Timestamp;
use std::path::PathBuf;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=SOURCE_DATE_EPOCH");
    for head in ["HEAD", "logs/HEAD"] {
        if let Some(path) = git(&["rev-parse", "--git-path", head]) {
            println!("cargo::rerun-if-changed={path}");
        }
    }
    let seconds = std::env::var("SOURCE_DATE_EPOCH").ok().or_else(|| git(&["log", "-1", "--format=%ct"]));
    let date = seconds
        .and_then(|seconds| Timestamp::from_second(seconds.parse().ok()?).ok())
        .map(|time| time.strftime("%Y-%m-%d").to_string())
        .unwrap_or_default();
    println!("cargo::rustc-env=NTPKIT_DATE={date}");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed={START_ORDER}");
    println!("cargo::rerun-if-changed={SMALL_START_ORDER}");
    println!("cargo::rerun-if-changed={LEFT_OUT}");
    if is_native_release() {
        link_unwinder();
        arrange_start();
        leave_out_tables();
    }
}

/// The functions that a start executes, for the linker: with the default features, and with fewer.
const START_ORDER: &str = "src/start.ld";
const SMALL_START_ORDER: &str = "src/start-small.ld";
/// What the linker leaves out.
const LEFT_OUT: &str = "src/discard.ld";
/// The first glibc that takes packed relocations.
const PACKED_SINCE: (u32, u32) = (2, 36);

fn variable(name: &str) -> String {
    std::env::var(name).unwrap_or_default()
}

/// Whether this is a release for this machine's glibc, linked by the compiler driver that Rust takes by itself. Everything
/// else is linked as Rust does it: what follows makes a start faster and is needed nowhere.
fn is_native_release() -> bool {
    let is_glibc = variable("CARGO_CFG_TARGET_OS") == "linux" && variable("CARGO_CFG_TARGET_ENV") == "gnu";
    let is_static = variable("CARGO_CFG_TARGET_FEATURE").split(',').any(|feature| feature == "crt-static");
    let is_native = variable("HOST") == variable("TARGET");
    // Other linkers may not know the options.
    let flags = variable("CARGO_ENCODED_RUSTFLAGS");
    let is_default_linker = variable("RUSTC_LINKER").is_empty() && !flags.contains("link");
    is_glibc && !is_static && is_native && is_default_linker && variable("PROFILE") == "release"
}

/// Takes the unwinder from libgcc's archive: one library less to load at every start. Where there is no such archive, the
/// program needs `libgcc_s.so.1`, as Rust programs do.
fn link_unwinder() {
    let Some(archive) = output("cc", &["-print-file-name=libgcc_eh.a"]).map(PathBuf::from) else { return };
    if let Some(folder) = archive.parent().filter(|_| archive.is_absolute() && archive.exists()) {
        println!("cargo::rustc-link-search=native={}", folder.display());
        println!("cargo::rustc-link-lib=static:-bundle=gcc_eh");
    }
}

/// Puts the functions side by side that a start executes, and packs the relocations if the C library can unpack them: both
/// reduce the number of pages to read.
fn arrange_start() {
    let is_full = std::env::var_os("CARGO_FEATURE_DEFAULT").is_some();
    let order = if is_full { START_ORDER } else { SMALL_START_ORDER };
    println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/{order}", variable("CARGO_MANIFEST_DIR"));
    let version = output("getconf", &["GNU_LIBC_VERSION"]).unwrap_or_default();
    let version = version.trim_start_matches("glibc ").split_once('.');
    let version = version.and_then(|(major, minor)| Some((major.parse().ok()?, minor.parse().ok()?)));
    if version.is_some_and(|version: (u32, u32)| version >= PACKED_SINCE) {
        println!("cargo::rustc-link-arg-bins=-Wl,-z,pack-relative-relocs");
    }
}

/// Leaves out the program's tables for unwinding, a tenth of its size, with binutils' linker: others cannot select them.
fn leave_out_tables() {
    let linker = output("cc", &["-fuse-ld=bfd", "-Wl,--version"]).unwrap_or_default();
    if linker.starts_with("GNU ld") {
        println!("cargo::rustc-link-arg-bins=-fuse-ld=bfd");
        println!("cargo::rustc-link-arg-bins=-Wl,-T,{}/{LEFT_OUT}", variable("CARGO_MANIFEST_DIR"));
    }
}

/// What git prints, where the sources are a checkout.
fn git(arguments: &[&str]) -> Option<String> {
    output("git", arguments)
}

/// What a program prints, if it succeeds and prints anything.
fn output(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?.trim().to_owned();
    (output.status.success() && !text.is_empty()).then_some(text)
}
