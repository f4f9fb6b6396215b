//! The variables of an association, as ntpd writes them.

use super::sample::{Samples, Stage};
use super::scenario::{Association, Authentication, Flavour, Kind, Selection};
use super::time::NtpTime;
use super::variables::{Names, hexadecimal, micro, milli, plain, quoted};
use std::fmt::Write;
use std::net::IpAddr;

/// All names of 4.2.8p15, in the order of its replies to requests by name; it also lists them itself.
const CLASSIC: &str = "config,authenable,authentic,srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,hpoll,\
    precision,rootdelay,rootdisp,refid,reftime,org,rec,xleave,reach,unreach,timer,delay,offset,jitter,dispersion,\
    keyid,filtdelay,filtoffset,pmode,received,sent,filtdisp,flash,ttl,peer_var_list,in,out,headway,bias,srchost,\
    timerec,timereach,badauth,bogusorg,oldpkt,seldisp,selbroken,candidate,flags,host,valid,initsequence,initkey,\
    timestamp,signature,ident";
/// The default set of 4.2.8p15, in its order.
const CLASSIC_UNASKED: &str = "srcadr,srcport,srchost,dstadr,dstport,leap,stratum,precision,rootdelay,rootdisp,\
    refid,reftime,rec,reach,unreach,hmode,pmode,hpoll,ppoll,headway,flash,keyid,ttl,offset,delay,dispersion,jitter,\
    xleave,filtdelay,filtoffset,filtdisp";
/// All names of NTPsec 1.2.2.
const NTPSEC: &str = "config,authenable,authentic,srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,hpoll,\
    precision,rootdelay,rootdisp,refid,reftime,org,rec,xmt,reach,unreach,timer,delay,offset,jitter,dispersion,keyid,\
    filtdelay,filtoffset,pmode,received,sent,filtdisp,flash,mode,peer_var_list,headway,bias,srchost,timerec,timereach,\
    badauth,bogusorg,oldpkt,seldisp,selbroken,candidate,ntscookies";
/// The default set of NTPsec 1.2.2.
const NTPSEC_UNASKED: &str = "srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,hpoll,precision,rootdelay,\
    rootdisp,refid,reftime,rec,xmt,reach,unreach,delay,offset,jitter,dispersion,keyid,filtdelay,filtoffset,pmode,\
    filtdisp,flash,mode,headway,srchost,ntscookies";
/// Variables that NTPsec 1.2.2 adds to the status of an association.
const NTPSEC_STATUS: &str = "config,authenable,authentic,srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,\
    hpoll,precision,rootdelay,rootdisp,refid,reftime,xmt,reach,unreach,timer";

/// The variables of READVAR.
pub(super) fn names(flavour: Flavour) -> Names {
    match flavour {
        Flavour::Classic => Names { known: CLASSIC, unasked: CLASSIC_UNASKED },
        Flavour::Ntpsec => Names { known: NTPSEC, unasked: NTPSEC_UNASKED },
    }
}

/// The variables of READSTAT.
pub(super) fn status_names(flavour: Flavour) -> Names {
    match flavour {
        Flavour::Classic => names(flavour),
        Flavour::Ntpsec => Names { known: NTPSEC, unasked: NTPSEC_STATUS },
    }
}

/// An association at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct PeerView<'a> {
    association: &'a Association,
    flavour: Flavour,
    stale_filters: bool,
    now: NtpTime,
    uptime: u32,
    pub(super) samples: Samples,
}

impl<'a> PeerView<'a> {
    pub(super) fn new(
        association: &'a Association,
        flavour: Flavour,
        stale_filters: bool,
        now: NtpTime,
        uptime: u32,
    ) -> Self {
        Self { association, flavour, stale_filters, now, uptime, samples: Samples::at(association, now) }
    }

    pub(super) fn association(&self) -> &'a Association {
        self.association
    }

    /// The peer status word (RFC 9327 section 3.2).
    pub(super) fn status(&self) -> u16 {
        let ours = self.association;
        let authentic = match ours.authentication {
            // NTPsec reports associations that need no authentication as authentic.
            Authentication::None => self.flavour == Flavour::Ntpsec && ours.reach != 0,
            Authentication::Good => true,
            Authentication::Bad => false,
        };
        let sends_to_many = matches!(ours.kind, Kind::Broadcast | Kind::Pool | Kind::Manycast);
        let state = u8::from(ours.configured) << 7
            | u8::from(ours.authentication != Authentication::None) << 6
            | u8::from(authentic) << 5
            | u8::from(ours.reach != 0) << 4
            | u8::from(sends_to_many) << 3
            | ours.selection as u8;
        u16::from(state) << 8 | ours.event.octet()
    }

    /// The mode of this side of the association.
    pub(super) fn host_mode(&self) -> u8 {
        match self.association.kind {
            Kind::Symmetric => 1,
            Kind::SymmetricPassive => 2,
            Kind::Server | Kind::Pool | Kind::Manycast | Kind::ReferenceClock(_) => 3,
            Kind::Broadcast => 5,
            Kind::BroadcastClient => 6,
        }
    }

    /// The reference time of the remote clock.
    pub(super) fn reference_time(&self) -> NtpTime {
        if self.association.reach == 0 { NtpTime::NEVER } else { self.samples.received.plus_seconds(-3.173) }
    }

    /// The value of a known variable, if it has one.
    pub(super) fn value(&self, name: &str) -> Option<Vec<u8>> {
        let ours = self.association;
        let classic = self.flavour == Flavour::Classic;
        let measured = |value: f64| if classic { milli(value) } else { micro(value) };
        Some(match name {
            "config" => plain(u8::from(ours.configured)),
            "authenable" => plain(1),
            "authentic" => plain(u8::from(self.status() & 0x2000 != 0)),
            "srcadr" => plain(ours.address),
            "dstadr" => plain(ours.local_address),
            "srcport" => plain(port(ours.address)),
            "dstport" => plain(port(ours.local_address)),
            "srchost" => quoted(&self.host()?),
            "leap" => plain(ours.leap),
            "hmode" => plain(self.host_mode()),
            "pmode" => plain(self.peer_mode()),
            "stratum" => plain(ours.stratum),
            "hpoll" => plain(ours.host_poll),
            "ppoll" if !classic && ours.kind == Kind::Server => plain(99),
            "ppoll" => plain(ours.peer_poll),
            "precision" => plain(ours.precision),
            "rootdelay" => milli(ours.root_delay),
            "rootdisp" => milli(ours.root_dispersion),
            "refid" => plain(&ours.reference_id),
            "reftime" => plain(self.reference_time()),
            "org" if classic => plain(NtpTime::NEVER),
            "rec" => plain(self.samples.received),
            "xmt" if ours.reach == 0 => plain(NtpTime::NEVER),
            "xmt" => plain(self.samples.sent),
            "xleave" if !matches!(ours.kind, Kind::ReferenceClock(_) | Kind::Pool | Kind::Manycast) => {
                milli(0.051)
            }
            "reach" => hexadecimal(ours.reach.into()),
            "unreach" => plain(if ours.reach == 0 && ours.kind == Kind::Server { self.polls() } else { 0 }),
            "timer" => plain(self.samples.timer),
            "delay" => measured(self.samples.delay),
            "offset" => measured(self.samples.offset),
            "jitter" => measured(self.samples.jitter),
            "dispersion" => measured(self.samples.dispersion),
            "keyid" => plain(ours.key_id),
            "filtdelay" | "filtoffset" | "filtdisp" => self.filter(name),
            "received" => plain(if ours.reach == 0 { 0 } else { self.polls() }),
            "sent" => plain(self.polls()),
            "flash" => hexadecimal(ours.flash),
            "ttl" if self.is_clock() || ours.time_to_live != 0 => plain(ours.time_to_live),
            "mode" if self.is_clock() => plain(0),
            "peer_var_list" => quoted(names(self.flavour).known),
            "timerec" if ours.reach == 0 => plain(self.uptime),
            "timerec" => plain(self.seconds_since_received()),
            "timereach" => plain(self.uptime),
            "badauth" => plain(if ours.authentication == Authentication::Bad { self.polls() } else { 0 }),
            "headway" | "bogusorg" | "oldpkt" | "seldisp" | "selbroken" => plain(0),
            "candidate" => plain(u8::from(ours.selection >= Selection::Outlier)),
            "ntscookies" => plain(-1),
            _ => return None,
        })
    }

    /// The configured name; NTPsec names clocks too.
    fn host(&self) -> Option<String> {
        match (&self.association.kind, self.association.address) {
            (Kind::ReferenceClock(clock), IpAddr::V4(address)) if self.flavour == Flavour::Ntpsec => {
                let [.., unit] = address.octets();
                Some(format!("{}({unit})", clock.driver_name))
            }
            _ => self.association.host.clone(),
        }
    }

    fn is_clock(&self) -> bool {
        matches!(self.association.kind, Kind::ReferenceClock(_))
    }

    pub(super) fn peer_mode(&self) -> u8 {
        match self.association.kind {
            Kind::ReferenceClock(_) => 4,
            Kind::Broadcast | Kind::Pool | Kind::Manycast => 0,
            _ if self.association.reach == 0 => 0,
            Kind::Server => 4,
            Kind::Symmetric | Kind::SymmetricPassive => 1,
            Kind::BroadcastClient => 5,
        }
    }

    pub(super) fn polls(&self) -> u32 {
        self.uptime / self.association.poll_interval()
    }

    pub(super) fn seconds_since_received(&self) -> u32 {
        self.now.whole_seconds().wrapping_sub(self.samples.received.whole_seconds())
    }

    fn filter(&self, name: &str) -> Vec<u8> {
        let delays = || self.stages(|stage| stage.delay);
        let own = match name {
            "filtdelay" => delays(),
            "filtoffset" => self.stages(|stage| stage.offset),
            _ => self.stages(|stage| stage.dispersion),
        };
        if !self.stale_filters {
            return own.into_bytes();
        }
        let [_, _, high, low] = self.samples.received.whole_seconds().to_be_bytes();
        let mut before = vec![1, b' ', b'0', b'.', b'0', b'1', b' ', b'0', low, high, 0xab, 0xee];
        match name {
            "filtdelay" => {}
            "filtoffset" => before.extend(delays().bytes()),
            _ => before.extend(delays().bytes().take(8).chain([4])),
        }
        before.extend(own.bytes());
        before
    }

    fn stages(&self, number: impl Fn(&Stage) -> f64) -> String {
        self.samples.stages.iter().fold(String::new(), |mut text, stage| {
            // Writing to a string cannot fail.
            let _ = write!(text, " {:.2}", number(stage));
            text
        })
    }
}

fn port(address: IpAddr) -> u16 {
    if address.is_unspecified() { 0 } else { 123 }
}
