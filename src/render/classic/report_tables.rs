//! The reports, line by line.

use super::report::{Form, Report, Row};

/// All reports, by command name.
pub const REPORTS: [&Report; 8] =
    [&PSTATS, &SYSINFO, &SYSSTATS, &MONSTATS, &IOSTATS, &TIMERSTATS, &KERNINFO, &AUTHINFO];

const fn text(line: &'static str) -> Row {
    row(line, Form::Text)
}

const fn row(line: &'static str, form: Form) -> Row {
    Row { line, form }
}

/// `pstats`: counters of an association.
pub const PSTATS: Report = Report {
    name: "pstats",
    shows_status: true,
    rows: &[
        row("src remote host:         ", Form::AddressAndPort),
        row("dst local address:       ", Form::AddressAndPort),
        text("timerec time last received:  "),
        text("timer time until next send:"),
        text("timereach reachability change: "),
        text("sent packets sent:        "),
        text("received packets received:    "),
        text("badauth bad authentication:  "),
        text("bogusorg bogus origin:        "),
        text("oldpkt duplicate:           "),
        text("seldisp bad dispersion:      "),
        text("selbroken bad reference time:  "),
        text("candidate candidate order:     "),
    ],
};

/// `sysinfo`: state of the daemon.
pub const SYSINFO: Report = Report {
    name: "sysinfo",
    shows_status: true,
    rows: &[
        row("peeradr system peer:      ", Form::AddressWithPort),
        row("peermode system peer mode: ", Form::Mode),
        row("leap leap indicator:   ", Form::TwoBits),
        text("stratum stratum:          "),
        text("precision log2 precision:   "),
        text("rootdelay root delay:       "),
        text("rootdisp root dispersion:  "),
        row("refid reference ID:     ", Form::ReferenceId),
        row("reftime reference time:   ", Form::Date),
        text("sys_jitter system jitter:    "),
        text("clk_jitter clock jitter:     "),
        text("clk_wander clock wander:     "),
        text("bcastdelay broadcast delay:  "),
        text("authdelay symm. auth. delay:"),
    ],
};

/// `sysstats`: counters of packets.
pub const SYSSTATS: Report = Report {
    name: "sysstats",
    shows_status: false,
    rows: &[
        text("ss_uptime uptime:               "),
        text("ss_reset sysstats reset:       "),
        text("ss_received packets received:     "),
        text("ss_thisver current version:      "),
        text("ss_oldver older version:        "),
        text("ss_badformat bad length or format: "),
        text("ss_badauth authentication failed:"),
        text("ss_declined declined:             "),
        text("ss_restricted restricted:           "),
        text("ss_limited rate limited:         "),
        text("ss_kodsent KoD responses:        "),
        text("ss_processed processed for time:   "),
    ],
};

/// `monstats`: state of the MRU list.
pub const MONSTATS: Report = Report {
    name: "monstats",
    shows_status: false,
    rows: &[
        text("mru_enabled enabled:            "),
        text("mru_depth addresses:          "),
        text("mru_deepest peak addresses:     "),
        text("mru_maxdepth maximum addresses:  "),
        text("mru_mindepth reclaim above count:"),
        text("mru_maxage reclaim older than: "),
        text("mru_mem kilobytes:          "),
        text("mru_maxmem maximum kilobytes:  "),
    ],
};

/// `iostats`: I/O counters.
pub const IOSTATS: Report = Report {
    name: "iostats",
    shows_status: false,
    rows: &[
        text("iostats_reset time since reset:     "),
        text("total_rbuf receive buffers:      "),
        text("free_rbuf free receive buffers: "),
        text("used_rbuf used receive buffers: "),
        text("rbuf_lowater low water refills:    "),
        text("io_dropped dropped packets:      "),
        text("io_ignored ignored packets:      "),
        text("io_received received packets:     "),
        text("io_sent packets sent:         "),
        text("io_sendfailed packet send failures: "),
        text("io_wakeups input wakeups:        "),
        text("io_goodwakeups useful input wakeups: "),
    ],
};

/// `timerstats`: counters of the timer.
pub const TIMERSTATS: Report = Report {
    name: "timerstats",
    shows_status: false,
    rows: &[
        text("timerstats_reset time since reset:  "),
        text("timer_overruns timer overruns:    "),
        text("timer_xmts calls to transmit: "),
    ],
};

/// `kerninfo`: state of the kernel's clock discipline.
pub const KERNINFO: Report = Report {
    name: "kerninfo",
    shows_status: true,
    rows: &[
        text("koffset pll offset:          "),
        text("kfreq pll frequency:       "),
        text("kmaxerr maximum error:       "),
        text("kesterr estimated error:     "),
        text("kstflags kernel status:       "),
        text("ktimeconst pll time constant:   "),
        text("kprecis precision:           "),
        text("kfreqtol frequency tolerance: "),
        text("kppsfreq pps frequency:       "),
        text("kppsstab pps stability:       "),
        text("kppsjitter pps jitter:          "),
        text("kppscalibdur calibration interval "),
        text("kppscalibs calibration cycles:  "),
        text("kppsjitexc jitter exceeded:     "),
        text("kppsstbexc stability exceeded:  "),
        text("kppscaliberrs calibration errors:  "),
    ],
};

/// `authinfo`: counters of authentication.
pub const AUTHINFO: Report = Report {
    name: "authinfo",
    shows_status: false,
    rows: &[
        text("authreset time since reset:"),
        text("authkeys stored keys:     "),
        text("authfreek free keys:       "),
        text("authklookups key lookups:     "),
        text("authknotfound keys not found:  "),
        text("authkuncached uncached keys:   "),
        text("authkexpired expired keys:    "),
        text("authencrypts encryptions:     "),
        text("authdecrypts decryptions:     "),
    ],
};

/// `ntsinfo`: counters of NTS, as NTPsec's ntpd has them. Releases after 1.2.2 count more.
pub const NTSINFO: Report = Report {
    name: "ntsinfo",
    shows_status: false,
    rows: &[
        text("nts_client_send NTS client sends:          "),
        text("nts_client_recv_good NTS client recvs good:     "),
        text("nts_client_recv_bad NTS client recvs w error:  "),
        text("nts_server_recv_good NTS server recvs good:     "),
        text("nts_server_recv_bad NTS server recvs w error:  "),
        text("nts_server_send NTS server sends:          "),
        text("nts_cookie_make NTS make cookies:          "),
        text("nts_cookie_not_server NTS cookies not server:    "),
        text("nts_cookie_decode_total NTS decode cookies total:  "),
        text("nts_cookie_decode NTS decode cookies:        "),
        text("nts_cookie_decode_old NTS decode cookies old:    "),
        text("nts_cookie_decode_old2 NTS decode cookies old2:   "),
        text("nts_cookie_decode_older NTS decode cookies older:  "),
        text("nts_cookie_decode_too_old NTS decode cookies too old:"),
        text("nts_cookie_decode_error NTS decode cookies error:  "),
        text("nts_ke_probes_good NTS KE client probes good: "),
        text("nts_ke_probes_bad NTS KE client probes bad:  "),
        text("nts_ke_serves_good NTS KE serves good:        "),
        text("nts_ke_serves_bad NTS KE serves bad:         "),
    ],
};

/// `ntskeinfo`: counters of NTS key exchanges (RFC 8915 section 4) and, from NTPsec 1.2.3 on, the seconds they took.
pub const NTSKEINFO: Report = Report {
    name: "ntskeinfo",
    shows_status: false,
    rows: &[
        text("nts_ke_probes_good NTS KE client probes good: "),
        text("nts_ke_probes_bad NTS KE client probes bad:  "),
        text("nts_ke_serves_good NTS KE serves good:        "),
        text("nts_ke_serves_good_wall NTS KE serves good wall:   "),
        text("nts_ke_serves_good_cpu NTS KE serves good CPU:    "),
        text("nts_ke_serves_nossl NTS KE serves no-TLS:      "),
        text("nts_ke_serves_nossl_wall NTS KE serves no-TLS wall: "),
        text("nts_ke_serves_nossl_cpu NTS KE serves no-TLS CPU:  "),
        text("nts_ke_serves_bad NTS KE serves bad:         "),
        text("nts_ke_serves_bad_wall NTS KE serves bad wall:    "),
        text("nts_ke_serves_bad_cpu NTS KE serves bad CPU:     "),
    ],
};
