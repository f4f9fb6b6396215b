//! The variables of the daemon itself, as ntpd writes them.

use super::peer::PeerView;
use super::sample::waver;
use super::scenario::{Association, Flavour, Kind, Scenario, Selection};
use super::time::NtpTime;
use super::variables::{Names, four_octets, hexadecimal, micro, milli, plain, quoted};
use crate::wire::AssociationId;
use md5::{Digest, Md5};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};

/// Variables of both daemons, in the order of their replies to requests by name.
macro_rules! common {
    () => {
        "leap,stratum,precision,rootdelay,rootdisp,refid,reftime,tc,peer,offset,frequency,sys_jitter,clk_jitter,\
         clock,processor,system,version,clk_wander,sys_var_list,tai,leapsec,expire,mintc,mru_enabled,mru_depth,\
         mru_deepest,mru_mindepth,mru_maxage,mru_maxdepth,mru_mem,mru_maxmem,ss_uptime,ss_reset,ss_received,\
         ss_thisver,ss_oldver,ss_badformat,ss_badauth,ss_declined,ss_restricted,ss_limited,ss_kodsent,ss_processed"
    };
}
/// Variables that 4.2.8p15 lists; it knows the others but does not list them.
const CLASSIC_LISTED: &str = concat!(common!(), ",ss_lamport,ss_tsrounding,peeradr,peermode");
/// The kernel's and the sockets' variables.
macro_rules! unlisted {
    () => {
        "authencrypts,authdecrypts,authreset,koffset,kfreq,kmaxerr,kesterr,kstflags,ktimeconst,kprecis,kfreqtol,\
         kppsfreq,kppsstab,kppsjitter,kppscalibdur,kppscalibs,kppscaliberrs,kppsjitexc,kppsstbexc,iostats_reset,\
         total_rbuf,free_rbuf,used_rbuf,rbuf_lowater,io_dropped,io_ignored,io_received,io_sent,io_sendfailed,\
         io_wakeups,io_goodwakeups,timerstats_reset,timer_overruns,timer_xmts"
    };
}
const CLASSIC: &str = concat!(
    common!(),
    ",ss_lamport,ss_tsrounding,peeradr,peermode,bcastdelay,authdelay,authkeys,authfreek,authklookups,\
     authknotfound,authkuncached,authkexpired,",
    unlisted!()
);
const CLASSIC_UNASKED: &str = "version,processor,system,leap,stratum,precision,rootdelay,rootdisp,refid,reftime,\
    clock,peer,tc,mintc,offset,frequency,sys_jitter,clk_jitter,clk_wander,tai,leapsec,expire";
const NTPSEC: &str = concat!(
    common!(),
    ",peeradr,peermode,authdelay,authkeys,authfreek,authklookups,authknotfound,\
     nts_client_send,nts_client_recv_good,nts_client_recv_bad,nts_server_recv_good,nts_server_recv_bad,nts_server_send,\
     nts_cookie_make,nts_cookie_decode,nts_cookie_decode_old,nts_cookie_decode_old2,nts_cookie_decode_older,\
     nts_cookie_decode_too_old,nts_cookie_decode_error,nts_ke_probes_good,nts_ke_probes_bad,nts_ke_serves_good,\
     nts_ke_serves_bad,",
    unlisted!()
);
const NTPSEC_UNASKED: &str = "leap,stratum,precision,rootdelay,rootdisp,refid,reftime,tc,peer,offset,frequency,\
    sys_jitter,clk_jitter,clock,processor,system,version,clk_wander,tai,leapsec,expire,mintc";
const CLASSIC_VERSION: &str = "ntpd 4.2.8p15@1.3728-o Wed Sep 23 11:46:38 UTC 2020 (1)";
const NTPSEC_VERSION: &str = "ntpd ntpsec-1.2.2";

/// The variables of READVAR.
pub(super) fn names(flavour: Flavour) -> Names {
    match flavour {
        Flavour::Classic => Names { known: CLASSIC, unasked: CLASSIC_UNASKED },
        Flavour::Ntpsec => Names { known: NTPSEC, unasked: NTPSEC_UNASKED },
    }
}

/// A snapshot of the daemon.
#[derive(Clone, Copy, Debug)]
pub(super) struct SystemView<'a> {
    pub(super) scenario: &'a Scenario,
    /// The system peer.
    pub(super) peer: Option<PeerView<'a>>,
    pub(super) peer_id: AssociationId,
    pub(super) now: NtpTime,
    pub(super) uptime: u32,
    /// The number of requests served, of any mode.
    pub(super) requests: u64,
}

impl<'a> SystemView<'a> {
    /// The leap indicator, 3 if unsynchronised.
    pub(super) fn leap(&self) -> u8 {
        if self.peer.is_some() { self.scenario.system.leap & 3 } else { 3 }
    }

    /// The system status word (RFC 9327 section 3.1).
    pub(super) fn status(&self) -> u16 {
        let source = match self.followed() {
            Some(peer) if self.scenario.flavour == Flavour::Classic => source(peer),
            _ => 0,
        };
        u16::from(self.leap()) << 14 | source << 8 | self.scenario.system.event.octet()
    }

    pub(super) fn stratum(&self) -> u8 {
        self.followed().map_or(16, |peer| peer.stratum.saturating_add(1).min(16))
    }

    /// The root delay in milliseconds.
    pub(super) fn root_delay(&self) -> f64 {
        self.peer.map_or(0.0, |peer| peer.association().root_delay + peer.samples.delay)
    }

    /// Milliseconds.
    pub(super) fn root_dispersion(&self) -> f64 {
        self.peer.map_or(0.195, |peer| {
            let added = peer.samples.dispersion + peer.samples.jitter + peer.samples.offset.abs();
            peer.association().root_dispersion + added
        })
    }

    /// The reference time.
    pub(super) fn reference_time(&self) -> NtpTime {
        self.peer.map_or(NtpTime::NEVER, |peer| peer.samples.received)
    }

    /// The reference identifier on the wire.
    pub(super) fn reference_id(&self) -> [u8; 4] {
        let Some(peer) = self.followed() else { return *b"INIT" };
        match (&peer.kind, peer.address) {
            (Kind::ReferenceClock(_), _) if peer.stratum == 0 => four_octets(&peer.reference_id),
            (_, IpAddr::V4(address)) => address.octets(),
            (_, IpAddr::V6(address)) => {
                let digest: [u8; 16] = Md5::digest(address.octets()).into();
                let [a, b, c, d, ..] = digest;
                [a, b, c, d]
            }
        }
    }

    fn followed(&self) -> Option<&'a Association> {
        self.peer.map(|peer| peer.association())
    }

    /// The value of a known variable, if it has one.
    pub(super) fn value(&self, name: &str) -> Option<Vec<u8>> {
        let system = &self.scenario.system;
        let classic = self.scenario.flavour == Flavour::Classic;
        let by_flavour = |value: f64| if classic { milli(value) } else { micro(value) };
        let wavering =
            |scale: f64, salt: u64| scale * waver(u64::from(self.now.whole_seconds() / 64) ^ salt << 40);
        let synchronised = self.peer.is_some();
        let if_synchronised = |value: f64| if synchronised { value } else { 0.0 };
        Some(match name {
            "leap" => plain(self.leap()),
            "stratum" => plain(self.stratum()),
            "precision" => plain(system.precision),
            "rootdelay" => milli(self.root_delay()),
            "rootdisp" => milli(self.root_dispersion()),
            "refid" => self.reference_text(),
            "reftime" => plain(self.reference_time()),
            "clock" => plain(self.now),
            "tc" => plain(self.followed().map_or(if classic { 3 } else { 0 }, |peer| peer.host_poll)),
            "mintc" => plain(if classic { 3 } else { 0 }),
            "peer" => plain(self.peer_id),
            "offset" => micro(self.peer.map_or(0.0, |peer| peer.samples.offset * 0.75)),
            "frequency" => by_flavour(if_synchronised(system.frequency + wavering(0.02, 1))),
            "sys_jitter" => micro(self.peer.map_or(0.0, |peer| peer.samples.jitter)),
            "clk_jitter" => by_flavour(if_synchronised(0.12 + wavering(0.03, 2))),
            "clk_wander" => by_flavour(if_synchronised(0.003 + wavering(0.002, 3))),
            "processor" => quoted(&system.processor),
            "system" => quoted(&system.operating_system),
            "version" => quoted(self.version()),
            "sys_var_list" if classic => quoted(CLASSIC_LISTED),
            "tai" => plain(system.leap_seconds.as_ref()?.tai_offset),
            "leapsec" => plain(&system.leap_seconds.as_ref()?.last),
            "expire" => plain(&system.leap_seconds.as_ref()?.expires),
            "peeradr" => self.peer_address(),
            "peermode" => plain(self.peer.map_or(0, |peer| peer.host_mode())),
            "bcastdelay" => milli(-50.0),
            "authdelay" => milli(0.0),
            _ => return self.statistic(name),
        })
    }

    /// Counters and limits.
    fn statistic(&self, name: &str) -> Option<Vec<u8>> {
        let classic = self.scenario.flavour == Flavour::Classic;
        let polls: u64 = self
            .scenario
            .associations
            .iter()
            .filter(|association| association.reach != 0)
            .map(|association| u64::from(self.uptime / association.poll_interval()))
            .sum();
        let received = polls + self.requests;
        Some(match name {
            "ss_uptime" | "ss_reset" | "iostats_reset" | "timerstats_reset" | "authreset" => {
                plain(self.uptime)
            }
            "ss_received" | "io_received" | "io_sent" | "io_wakeups" | "io_goodwakeups" => plain(received),
            "ss_thisver" | "ss_processed" => plain(polls),
            "mru_enabled" => hexadecimal(1),
            "mru_depth" | "mru_deepest" => plain(7),
            "mru_mindepth" => plain(600),
            "mru_maxage" => plain(if classic { 64 } else { 3600 }),
            "mru_maxdepth" => plain(11915),
            "mru_mem" | "rbuf_lowater" => plain(1),
            "mru_maxmem" => plain(1024),
            "authkeys" => plain(4),
            "authfreek" => plain(14),
            "total_rbuf" => plain(if classic { 64 } else { 10 }),
            "free_rbuf" => plain(if classic { 63 } else { 9 }),
            "kmaxerr" | "kesterr" => plain(if classic { 16000 } else { 16 }),
            "kstflags" => quoted("unsync"),
            "ktimeconst" => plain(2),
            "kprecis" => plain(if classic { "0.001" } else { "1e-06" }),
            "kfreqtol" => plain(500),
            _ if name.starts_with("ss_") || name.starts_with("io_") || name.starts_with("auth") => plain(0),
            _ if name.starts_with("nts_") => plain(0),
            "used_rbuf" | "timer_overruns" | "timer_xmts" | "koffset" | "kfreq" => plain(0),
            _ if name.starts_with("kpps") => plain(0),
            _ => return None,
        })
    }

    fn version(&self) -> &str {
        self.scenario.system.version.as_deref().unwrap_or(match self.scenario.flavour {
            Flavour::Classic => CLASSIC_VERSION,
            Flavour::Ntpsec => NTPSEC_VERSION,
        })
    }

    fn reference_text(&self) -> Vec<u8> {
        let octets = self.reference_id();
        if self.stratum() <= 1 || self.peer.is_none() {
            octets.into_iter().take_while(|&octet| octet != 0).collect()
        } else {
            plain(Ipv4Addr::from(octets))
        }
    }

    fn peer_address(&self) -> Vec<u8> {
        self.followed().map_or(plain("0.0.0.0:0"), |peer| plain(SocketAddr::new(peer.address, 123)))
    }
}

/// The system peer, if there is one.
pub(super) fn followed(associations: &[Association]) -> Option<&Association> {
    associations
        .iter()
        .find(|association| association.selection >= Selection::SystemPeer && association.reach != 0)
}

/// The clock source (RFC 9327 section 3.1).
fn source(peer: &Association) -> u16 {
    match &peer.kind {
        _ if peer.selection == Selection::PulsePerSecond => 1,
        Kind::ReferenceClock(clock) if clock.driver == 1 => 5,
        Kind::ReferenceClock(clock) if matches!(clock.driver, 20 | 28 | 46) => 4,
        Kind::ReferenceClock(_) => 7,
        _ => 6,
    }
}
