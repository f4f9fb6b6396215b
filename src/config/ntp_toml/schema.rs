//! The settings of ntp.toml, as of ntpd-rs 1.4 to 1.9.

/// The kind of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// `true` or `false`.
    Flag,
    /// A whole number in this range.
    Whole(i64, i64),
    /// Any number, whole or not.
    Real,
    /// A number of seconds.
    Seconds,
    /// The largest step allowed: seconds or `"inf"`, for both directions or for each.
    Threshold,
    /// Any text.
    Text,
    /// A certificate file, which the daemon reads with its configuration.
    Certificate,
    /// An address and a port to listen on.
    Socket,
    /// A host name or address, with or without a port.
    Address,
    /// A list of addresses.
    Addresses,
    /// A list of texts.
    Texts,
    /// Networks and what to do with their packets.
    Filter,
    /// The bounds of the poll interval; a source may give only one.
    Polls(Bounds),
    /// One of these words.
    Word(&'static [&'static str]),
    /// A flag or one of these words.
    FlagOrWord(&'static [&'static str]),
    /// NTP version 4 or 5, or `"auto"`.
    Version,
    /// A list of NTP versions of at least this.
    Versions(i64),
    /// A table of settings.
    Table(&'static [Setting]),
}

/// Which bounds of an interval must be given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// Both.
    Both,
    /// One or both.
    Some,
}

/// A setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Setting {
    /// The name.
    pub name: &'static str,
    /// The kind of its value.
    pub kind: Kind,
    /// Whether it must be given.
    pub is_required: bool,
}

const fn setting(name: &'static str, kind: Kind) -> Setting {
    Setting { name, kind, is_required: false }
}

const fn required(name: &'static str, kind: Kind) -> Setting {
    Setting { name, kind, is_required: true }
}

const COUNT: Kind = Kind::Whole(0, i64::MAX);
const POLL: Kind = Kind::Whole(i8::MIN as i64, i8::MAX as i64);
const U8: Kind = Kind::Whole(0, u8::MAX as i64);
const I32: Kind = Kind::Whole(i32::MIN as i64, i32::MAX as i64);
/// The mode of a source.
pub const MODE: Setting = required("mode", Kind::Text);
const SOURCE_POLLS: Setting = setting("poll-interval-limits", Kind::Polls(Bounds::Some));
const INITIAL_POLL: Setting = setting("initial-poll-interval", POLL);
const VERSION: Setting = setting("ntp-version", Kind::Version);

/// The modes of a source, and the settings of each.
pub const MODES: &[(&str, &[Setting])] = &[
    ("server", &[MODE, required("address", Kind::Address), SOURCE_POLLS, INITIAL_POLL, VERSION]),
    (
        "pool",
        &[
            MODE,
            required("address", Kind::Address),
            setting("count", COUNT),
            setting("ignore", Kind::Addresses),
            SOURCE_POLLS,
            INITIAL_POLL,
            VERSION,
        ],
    ),
    (
        "nts",
        &[
            MODE,
            required("address", Kind::Address),
            setting("certificate-authority", Kind::Certificate),
            setting("enable-srv-resolution", Kind::Flag),
            SOURCE_POLLS,
            INITIAL_POLL,
            VERSION,
        ],
    ),
    (
        "nts-pool",
        &[
            MODE,
            required("address", Kind::Address),
            setting("certificate-authority", Kind::Certificate),
            setting("count", COUNT),
            setting("enable-srv-resolution", Kind::Flag),
            SOURCE_POLLS,
            INITIAL_POLL,
            VERSION,
        ],
    ),
    ("sock", &[MODE, required("path", Kind::Text), NOISE, PRECISION, ACCURACY, SOURCE_POLLS, INITIAL_POLL]),
    (
        "pps",
        &[
            MODE,
            required("path", Kind::Text),
            NOISE,
            PRECISION,
            ACCURACY,
            setting("period", Kind::Real),
            SOURCE_POLLS,
            INITIAL_POLL,
        ],
    ),
];
/// The estimate of a local clock's noise, as releases before 1.5 require it.
pub const NOISE: Setting = setting("measurement_noise_estimate", Kind::Seconds);
/// The estimate of a local clock's noise, as later releases require it.
pub const PRECISION: Setting = setting("precision", Kind::Real);
const ACCURACY: Setting = setting("accuracy", Kind::Real);

const SERVER: &[Setting] = &[
    required("listen", Kind::Socket),
    setting("denylist", Kind::Filter),
    setting("allowlist", Kind::Filter),
    setting("rate-limiting-cache-size", COUNT),
    setting("rate-limiting-cutoff-ms", COUNT),
    setting("require-nts", Kind::FlagOrWord(&["ignore", "deny"])),
    setting("accept-ntp-versions", Kind::Versions(3)),
];
const KEY_EXCHANGE: &[Setting] = &[
    required("listen", Kind::Socket),
    required("certificate-chain-path", Kind::Text),
    required("private-key-path", Kind::Text),
    setting("key-exchange-timeout-ms", COUNT),
    setting("concurrent-connections", COUNT),
    setting("longlived-connections", COUNT),
    setting("ntp-port", Kind::Whole(0, u16::MAX as i64)),
    setting("ntp-server", Kind::Text),
    setting("accept-ntp-versions", Kind::Versions(4)),
    setting("accepted-pool-authentication-tokens", Kind::Texts),
];
const OBSERVABILITY: &[Setting] = &[
    setting("log-level", Kind::Word(&["trace", "debug", "info", "warn", "error"])),
    setting("log-path", Kind::Text),
    setting("log-path-metrics-exporter", Kind::Text),
    setting("ansi-colors", Kind::Flag),
    setting("observation-path", Kind::Text),
    setting("observation-permissions", Kind::Whole(0, u32::MAX as i64)),
    setting("metrics-exporter-listen", Kind::Socket),
];
const KEYSET: &[Setting] = &[
    setting("stale-key-count", COUNT),
    setting("key-rotation-interval", COUNT),
    setting("key-storage-path", Kind::Text),
];
const DEFAULTS: &[Setting] =
    &[setting("poll-interval-limits", Kind::Polls(Bounds::Both)), setting("initial-poll-interval", POLL)];
const SYNCHRONIZATION: &[Setting] = &[
    setting("minimum-agreeing-sources", COUNT),
    setting("single-step-panic-threshold", Kind::Threshold),
    setting("startup-step-panic-threshold", Kind::Threshold),
    setting("accumulated-step-panic-threshold", Kind::Seconds),
    setting("warn-on-jump", Kind::Flag),
    setting("local-stratum", U8),
    setting("reference-id", Kind::Text),
    setting("algorithm", Kind::Table(ALGORITHM)),
];
const ALGORITHM: &[Setting] = &[
    setting("precision-low-probability", Kind::Real),
    setting("precision-high-probability", Kind::Real),
    setting("precision-hysteresis", I32),
    setting("precision-minimum-weight", Kind::Real),
    setting("poll-interval-low-weight", Kind::Real),
    setting("poll-interval-high-weight", Kind::Real),
    setting("poll-interval-hysteresis", I32),
    setting("poll-interval-step-threshold", Kind::Real),
    setting("delay-outlier-threshold", Kind::Real),
    setting("initial-wander", Kind::Real),
    setting("initial-frequency-uncertainty", Kind::Real),
    setting("maximum-source-uncertainty", Kind::Real),
    setting("range-statistical-weight", Kind::Real),
    setting("range-delay-weight", Kind::Real),
    setting("steer-offset-threshold", Kind::Real),
    setting("steer-offset-leftover", Kind::Real),
    setting("steer-frequency-threshold", Kind::Real),
    setting("steer-frequency-leftover", Kind::Real),
    setting("step-threshold", Kind::Real),
    setting("slew-maximum-frequency-offset", Kind::Real),
    setting("slew-minimum-duration", Kind::Real),
    setting("maximum-frequency-steer", Kind::Real),
    setting("ignore-server-dispersion", Kind::Flag),
    setting("meddling-threshold", Kind::Seconds),
];
const CLOCK: &[Setting] = &[
    setting("clock", Kind::Text),
    setting("interface", Kind::Text),
    setting("timestamp-mode", Kind::Word(&["software", "kernel-recv", "kernel-all", "hardware"])),
];

/// What a section is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Section {
    /// A list of sources, `[[source]]`.
    Sources,
    /// A list of tables, `[[name]]`.
    List(&'static [Setting]),
    /// A table, `[name]`.
    Table(&'static [Setting]),
    /// A table that only special builds of the daemon read.
    SpecialBuild(&'static [Setting]),
}

/// The sections by name.
pub const SECTIONS: &[(&str, Section)] = &[
    ("source", Section::Sources),
    ("server", Section::List(SERVER)),
    ("nts-ke-server", Section::List(KEY_EXCHANGE)),
    ("synchronization", Section::Table(SYNCHRONIZATION)),
    ("source-defaults", Section::Table(DEFAULTS)),
    ("observability", Section::Table(OBSERVABILITY)),
    ("keyset", Section::Table(KEYSET)),
    ("clock", Section::SpecialBuild(CLOCK)),
];
