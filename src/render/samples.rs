//! Reports for the tests of the renderers.

use crate::model::Origin;
use crate::model::mru::{MruReport, RestrictionNumbering};
use crate::model::ordered_list::rows;
use crate::model::report::{
    AssociationsReport, FailureReport, Fault, FaultCause, InterfacesReport, MissingPeer, PeerColumns,
    PeerRow, PeersReport, Report, ReportedVariable, RestrictionsReport, VariableListReport, VariablesReport,
};
use crate::model::{Association, Peer};
use crate::wire::AssociationId;
use crate::wire::mru::{Dropped, MruEntry, Score};
use crate::wire::status::{ClockStatusWord, PeerStatusWord, StatusWord, SystemStatusWord};
use crate::wire::timestamp::NtpTimestamp;
use crate::wire::variables::scan;

pub(super) fn origin(host: &str) -> Origin {
    Origin {
        host: host.to_owned(),
        address: Some("192.0.2.20:123".parse().unwrap()),
        time: "2026-11-21T02:16:30Z".parse().unwrap(),
        authentic: None,
    }
}

pub(super) fn row(id: u16, status: u16, name: &[u8], text: &[u8]) -> PeerRow {
    let peer = Peer::from_variables(AssociationId(id), PeerStatusWord(status), &scan(text));
    PeerRow { peer, name: name.to_vec() }
}

/// A system peer, an unreachable one, and one that is hostile.
pub(super) fn peers(host: &str) -> Report {
    let good = b"srcadr=192.0.2.11, srcport=123, srchost=\"time.example\", dstadr=192.0.2.20, stratum=1, \
        refid=GPS, reftime=0xeeab7d75.d76e1053, rec=0xeeab7d79.03b7cab1, reach=0xff, hmode=3, hpoll=6, \
        ppoll=10, flash=0x0, offset=-0.018, delay=0.332, dispersion=1.511, jitter=0.039";
    let silent = b"srcadr=2001:db8::17, srcport=123, dstadr=::, stratum=16, refid=INIT, reftime=0x0.0, \
        rec=0x00000000.00000000, reach=0x0, hmode=3, hpoll=6, ppoll=10, flash=0x1600, offset=0.000, \
        delay=0.000, dispersion=16000.000, jitter=0.000";
    let odd = b"srcadr=junk, refid=\x1b[3, stratum=x, offset=1e99, delay=-5, hpoll=99, reach=0x155";
    let fault = Fault { cause: FaultCause::TimedOut, message: "timed out".into() };
    Report::Peers(PeersReport {
        origin: origin(host),
        columns: PeerColumns::Reference,
        peers: vec![
            row(44159, 0x961a, b"time.example", good),
            row(44165, 0x8011, b"2001:db8::17", silent),
            row(44166, 0x1100, b"\x1b[31m\"a\\b\"\xe9", odd),
        ],
        missing: vec![MissingPeer { association: AssociationId(7), fault }],
    })
}

pub(super) fn associations(host: &str) -> Report {
    let list = [0xac, 0x7f, 0x96, 0x1a, 0xac, 0x80, 0xe4, 0x14, 0xac, 0x81, 0x88, 0x10];
    let associations = Association::list(&list).unwrap();
    Report::Associations(AssociationsReport { origin: origin(host), associations })
}

/// Clients in both address families, one of them too fast, from an incomplete list.
pub(super) fn clients(host: &str) -> Report {
    let entry = |address: &str, seconds: u64, restrictions| MruEntry {
        last: NtpTimestamp(0xeeab_7d75_8000_0000 + (seconds << 32)),
        first: NtpTimestamp(0xeeab_7d00_8000_0000),
        count: 9,
        scope: 0,
        port: 123,
        restrictions,
        address: address.parse().unwrap(),
        mode_version: 0x23,
        score: Score::default(),
        dropped: Dropped::default(),
    };
    let control = MruEntry { mode_version: 0x16, port: 40_000, ..entry("127.0.0.1", 3, 0x8c0) };
    Report::Mru(Box::new(MruReport {
        origin: origin(host),
        entries: vec![control, entry("192.0.2.11", 2, 0), entry("2001:db8::17", 0, 0)],
        names: [("192.0.2.11".parse().unwrap(), "client\x1b.example".to_owned())].into(),
        now: NtpTimestamp(0xeeab_7d79_4000_0000),
        numbering: RestrictionNumbering::Current,
        updates: 4,
        fault: Some("no more replies".to_owned()),
        streamed: None,
    }))
}

fn variables(host: &str, id: u16, status: StatusWord, peer: Option<PeerRow>, text: &[u8]) -> Report {
    named_variables(host, "variables", id, status, peer, text)
}

fn named_variables(
    host: &str,
    name: &'static str,
    id: u16,
    status: StatusWord,
    peer: Option<PeerRow>,
    text: &[u8],
) -> Report {
    Report::Variables(Box::new(VariablesReport {
        origin: origin(host),
        name,
        association: AssociationId(id),
        status,
        variables: ReportedVariable::list(&scan(text)),
        peer,
    }))
}

pub(super) fn system(host: &str) -> Report {
    let text = b"version=\"ntpd 4.2.8p15\", leap=00, stratum=2, precision=-24, rootdelay=0.744, \
        refid=192.0.2.11, reftime=0xeeab7d79.03b7cab1, peer=44159, tc=6, offset=0.013653, \
        frequency=-12.414, sys_jitter=1e5, leapsec=201701010000, ss_received=7, odd=\"\xe9\x1b\", bare";
    variables(host, 0, StatusWord::System(SystemStatusWord(0x0615)), None, text)
}

pub(super) fn association(host: &str) -> Report {
    let text = b"srcadr=192.0.2.11, srcport=123, reach=0x17e, flash=0x1400, offset=0.5, org=0x0.0, \
        sent=12, filtdelay= 0.36 0.34, filtoffset=0.1 \x01, rootdisp=10.147";
    let peer = row(44159, 0xf41a, b"time.example", text);
    variables(host, 44159, StatusWord::Peer(PeerStatusWord(0xf41a)), Some(peer), text)
}

pub(super) fn clock(host: &str) -> Report {
    let text = b"device=\"NMEA GPS Clock\", timecode=\"$GPRMC\", poll=5400, noreply=0, badformat=2, \
        fudgetime2=135.500, stratum=0, refid=GPS, flags=0";
    variables(host, 21001, StatusWord::Clock(ClockStatusWord(0x0012)), None, text)
}

/// The reports of one command each.
fn statistics(host: &str) -> Vec<Report> {
    let system = StatusWord::System(SystemStatusWord(0x0615));
    let counters =
        b"srcadr=192.0.2.11, srcport=123, timerec=5, timer=59, timereach=1200, sent=12, received=11, \
        badauth=0, bogusorg=0, oldpkt=1, seldisp=0, selbroken=0, candidate=6, srchost=\"time.example\"";
    let peer = row(44159, 0xf41a, b"time.example", counters);
    vec![
        named_variables(
            host,
            "monstats",
            0,
            system,
            None,
            b"mru_enabled=0x1, mru_depth=7, mru_maxage=64, mru_mem=1, mru_maxmem=1024",
        ),
        named_variables(host, "authinfo", 0, system, None, b"authreset=37, authkeys=4, authklookups=32"),
        named_variables(
            host,
            "pstats",
            44159,
            StatusWord::Peer(PeerStatusWord(0xf41a)),
            Some(peer),
            counters,
        ),
    ]
}

fn interfaces(host: &str, text: &[u8]) -> Report {
    let interfaces = rows(&scan(text));
    Report::Interfaces(InterfacesReport { origin: origin(host), interfaces })
}

fn restrictions(host: &str, text: &[u8]) -> Report {
    let restrictions = rows(&scan(text));
    Report::Restrictions(RestrictionsReport { origin: origin(host), restrictions })
}

/// The lists: an interface from ntpd and one from NTPsec, restrictions, variables.
fn lists(host: &str) -> Vec<Report> {
    let shown = b"addr.2=192.0.2.20:123, bcast.2=192.0.2.255, en.2=1, flags.2=0x1a3, tl.2=0, mc.2=0, \
        name.2=\"eth0\", pc.2=9, rx.2=45, tx.2=55, txerr.2=0, up.2=36, addr.3=[::1]:123, en.3=0, \
        name.3=\"l\x1b\", rx.3=8, tx.3=8, txerr.3=1, pc.3=1, up.3=7200, odd.3=7, rx.4=5";
    let access = b"addr.0=127.0.0.1, mask.0=255.255.255.255, hits.0=324, flags.0=serve trust query trap, \
        addr.1=::, mask.1=::, hits.1=18446744073709551615, flags.1=, addr.2=10.0.0.1, mask.2=255.0.0.255, \
        hits.2=1, flags.2=kod \x1b, hits.3=2";
    let entries = vec![(b"stratum".to_vec(), None), (b"\x1b".to_vec(), Some(b"\"\xe9\"".to_vec()))];
    vec![
        interfaces(host, shown),
        restrictions(host, access),
        Report::VariableList(VariableListReport { origin: origin(host), entries }),
    ]
}

pub(super) fn failure(host: &str, cause: FaultCause) -> Report {
    Report::Failure(FailureReport {
        origin: origin(host),
        command: Some("peers"),
        association: None,
        fault: Fault { cause, message: "nothing \u{1b}".into() },
    })
}

pub(super) fn all() -> Vec<Report> {
    let mut all = vec![
        peers("one.example"),
        associations("one.example"),
        system("one.example"),
        association("one.example"),
        clock("one.example"),
        clients("one.example"),
        failure("two.example", FaultCause::TimedOut),
        failure("three.example", FaultCause::Refused(1)),
    ];
    all.extend(statistics("one.example"));
    all.extend(lists("one.example"));
    all
}

/// Reports of all kinds from one reply.
pub(super) fn any(host: &str, id: u16, status: u16, name: &[u8], text: &[u8]) -> Vec<Report> {
    let peer = row(id, status, name, text);
    let peers = PeersReport {
        origin: origin(host),
        columns: PeerColumns::Association,
        peers: vec![peer.clone()],
        missing: Vec::new(),
    };
    vec![
        Report::Peers(peers),
        variables(host, 0, StatusWord::System(SystemStatusWord(status)), None, text),
        variables(host, id, StatusWord::Peer(PeerStatusWord(status)), Some(peer), text),
        variables(host, id, StatusWord::Clock(ClockStatusWord(status)), None, text),
        interfaces(host, text),
        restrictions(host, text),
        Report::VariableList(VariableListReport {
            origin: origin(host),
            entries: vec![(name.to_vec(), Some(text.to_vec()))],
        }),
        failure(host, FaultCause::Unusable),
    ]
}
