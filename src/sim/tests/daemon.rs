//! The daemon without a socket.

use super::*;
use crate::auth::control::seal;
use crate::auth::{Key, KeyType};
use crate::wire::control::HEADER_LENGTH;
use crate::wire::packet::{Mode, TimePacket};

#[test]
fn the_classic_daemon_says_what_4_2_8p15_says() {
    let mut campus = daemon("campus");
    assert_eq!(
        names(&text(&mut campus, READ, 0, "")),
        "version processor system leap stratum precision rootdelay rootdisp refid reftime clock peer tc mintc \
         offset frequency sys_jitter clk_jitter clk_wander tai leapsec expire"
    );
    let server = "srcadr srcport dstadr dstport leap stratum precision rootdelay rootdisp refid reftime rec reach \
                  unreach hmode pmode hpoll ppoll headway flash keyid offset delay dispersion jitter xleave \
                  filtdelay filtoffset filtdisp";
    assert_eq!(names(&text(&mut campus, READ, 44159, "")), server);
    assert_eq!(names(&text(&mut campus, Opcode::READ_STATUS, 44159, "")), server);
    let clock = server.replace("keyid", "keyid ttl").replace(" xleave", "");
    assert_eq!(names(&text(&mut campus, READ, 44176, "")), clock);
    let named = server.replace("srcport dst", "srcport srchost dst");
    assert_eq!(names(&text(&mut campus, READ, 44163, "")), named);
    assert_eq!(
        text(&mut campus, Opcode::READ_CLOCK, 0, ""),
        "device=\"Undisciplined local clock\", timecode=\"\", poll=5400, noreply=0,\r\n\
         badformat=0, baddata=0, stratum=10, refid=LOCL, flags=0\r\n"
    );
}

#[test]
fn ntpsec_has_its_own_order_and_decimals() {
    let mut ntpsec = daemon("ntpsec");
    assert_eq!(
        names(&text(&mut ntpsec, READ, 0, "")),
        "leap stratum precision rootdelay rootdisp refid reftime tc peer offset frequency sys_jitter clk_jitter \
         clock processor system version clk_wander tai leapsec expire mintc"
    );
    let peer = text(&mut ntpsec, READ, 17767, "");
    assert_eq!(
        names(&peer),
        "srcadr srcport dstadr dstport leap hmode stratum ppoll hpoll precision rootdelay rootdisp refid reftime \
         rec xmt reach unreach delay offset jitter dispersion keyid filtdelay filtoffset pmode filtdisp flash \
         headway ntscookies"
    );
    let delay = peer.split("delay=0.").last().unwrap().split(',').next().unwrap();
    assert_eq!(delay.len(), 6, "{peer}");
    assert_eq!(
        names(&text(&mut ntpsec, Opcode::READ_STATUS, 17767, "")),
        "config authenable authentic srcadr srcport dstadr dstport leap hmode stratum ppoll hpoll precision \
         rootdelay rootdisp refid reftime xmt reach unreach timer"
    );
    assert_eq!(
        text(&mut ntpsec, Opcode::READ_CLOCK, 0, ""),
        "name=\"LOCAL\", timecode=\"\", poll=5400, noreply=0, badformat=0, baddata=0,\r\n\
         stratum=10, refid=76.79.67.76, flags=0,\r\ndevice=\"Undisciplined local clock\"\r\n"
    );
    assert!(text(&mut ntpsec, READ, 17777, "").contains("mode=0, headway=0, srchost=\"LOCAL(0)\","));
    assert_eq!(ask(&mut ntpsec, READ, 17767, b"xleave"), Err(ErrorCode::UNKNOWN_VARIABLE));
    assert_eq!(ask(&mut ntpsec, READ, 0, b"leap,bcastdelay"), Err(ErrorCode::UNKNOWN_VARIABLE));
}

/// As recorded, the daemons' lists of themselves; 4.2.8p15 sends the first in two packets.
#[test]
fn the_lists_of_names_are_the_originals() {
    let mut campus = daemon("campus");
    let system = "sys_var_list=\"leap,stratum,precision,rootdelay,rootdisp,refid,reftime,tc,peer,offset,frequency,\
                  sys_jitter,clk_jitter,clock,processor,system,version,clk_wander,sys_var_list,tai,leapsec,expire,\
                  mintc,mru_enabled,mru_depth,mru_deepest,mru_mindepth,mru_maxage,mru_maxdepth,mru_mem,mru_maxmem,\
                  ss_uptime,ss_reset,ss_received,ss_thisver,ss_oldver,ss_badformat,ss_badauth,ss_declined,\
                  ss_restricted,ss_limited,ss_kodsent,ss_processed,ss_lamport,ss_tsrounding,peeradr,peermode\"\r\n";
    assert_eq!(text(&mut campus, READ, 0, "sys_var_list"), system);
    let replies = campus.answer(&request(READ, 0, b"sys_var_list"), NOW);
    assert_eq!(
        replies.iter().map(|reply| Message::parse(reply).unwrap().data.len()).collect::<Vec<_>>(),
        [466, 2]
    );
    let peer = "peer_var_list=\"config,authenable,authentic,srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,\
                hpoll,precision,rootdelay,rootdisp,refid,reftime,org,rec,xleave,reach,unreach,timer,delay,offset,\
                jitter,dispersion,keyid,filtdelay,filtoffset,pmode,received,sent,filtdisp,flash,ttl,peer_var_list,in,\
                out,headway,bias,srchost,timerec,timereach,badauth,bogusorg,oldpkt,seldisp,selbroken,candidate,flags,\
                host,valid,initsequence,initkey,timestamp,signature,ident\"\r\n";
    assert_eq!(text(&mut campus, READ, 44159, "peer_var_list"), peer);
    let clock = "clock_var_list=\"type,timecode,poll,noreply,badformat,baddata,fudgetime1,fudgetime2,stratum,refid,\
                 flags,device,clock_var_list,minjitter\"\r\n";
    assert_eq!(text(&mut campus, Opcode::READ_CLOCK, 0, "clock_var_list"), clock);

    let mut ntpsec = daemon("ntpsec");
    let peer = "peer_var_list=\"config,authenable,authentic,srcadr,srcport,dstadr,dstport,leap,hmode,stratum,ppoll,\
                hpoll,precision,rootdelay,rootdisp,refid,reftime,org,rec,xmt,reach,unreach,timer,delay,offset,jitter,\
                dispersion,keyid,filtdelay,filtoffset,pmode,received,sent,filtdisp,flash,mode,peer_var_list,headway,\
                bias,srchost,timerec,timereach,badauth,bogusorg,oldpkt,seldisp,selbroken,candidate,ntscookies\"\r\n";
    assert_eq!(text(&mut ntpsec, READ, 17767, "peer_var_list"), peer);
    assert_eq!(text(&mut ntpsec, READ, 0, "sys_var_list"), "", "NTPsec has the name, and nothing to say");
}

#[test]
fn every_name_the_daemon_lists_is_known() {
    for name in ["campus", "ntpsec", "young"] {
        let mut daemon = daemon(name);
        let first = daemon.answer(&request(Opcode::READ_STATUS, 0, b""), NOW);
        let ids: Vec<u16> = Message::parse(&first[0])
            .unwrap()
            .data
            .chunks_exact(4)
            .map(|pair| u16::from_be_bytes([pair[0], pair[1]]))
            .collect();
        let mut lists = vec![(READ, 0, "sys_var_list")];
        lists.extend(ids.iter().map(|&id| (READ, id, "peer_var_list")));
        if name != "young" {
            lists.push((Opcode::READ_CLOCK, 0, "clock_var_list"));
        }
        for (opcode, id, list) in lists {
            let listed = text(&mut daemon, opcode, id, list);
            let listed = listed.split('"').nth(1).unwrap_or_default().to_owned();
            for variable in listed.split(',').filter(|variable| !variable.is_empty()) {
                let said = text(&mut daemon, opcode, id, variable);
                assert!(said.is_empty() || said.starts_with(&format!("{variable}=")), "{variable}: {said}");
            }
        }
    }
}

#[test]
fn the_reports_of_the_classic_client_are_answered() {
    let mut campus = daemon("campus");
    for tags in [
        "peeradr,peermode,leap,stratum,precision,rootdelay,rootdisp,refid,reftime,sys_jitter,clk_jitter,clk_wander,\
         bcastdelay,authdelay",
        "ss_uptime,ss_reset,ss_received,ss_thisver,ss_oldver,ss_badformat,ss_badauth,ss_declined,ss_restricted,\
         ss_limited,ss_kodsent,ss_processed",
        "mru_enabled,mru_depth,mru_deepest,mru_maxdepth,mru_mindepth,mru_maxage,mru_mem,mru_maxmem",
        "iostats_reset,total_rbuf,free_rbuf,used_rbuf,rbuf_lowater,io_dropped,io_ignored,io_received,io_sent,\
         io_sendfailed,io_wakeups,io_goodwakeups",
        "timerstats_reset,timer_overruns,timer_xmts",
        "koffset,kfreq,kmaxerr,kesterr,kstflags,ktimeconst,kprecis,kfreqtol,kppsfreq,kppsstab,kppsjitter,\
         kppscalibdur,kppscalibs,kppsjitexc,kppsstbexc,kppscaliberrs",
        "authreset,authkeys,authfreek,authklookups,authknotfound,authkuncached,authkexpired,authencrypts,authdecrypts",
    ] {
        let reply = text(&mut campus, READ, 0, tags);
        assert_eq!(names(&reply).split(' ').count(), tags.split(',').count(), "{reply}");
    }
    let pstats = "srcadr,srcport,dstadr,dstport,timerec,timer,timereach,sent,received,badauth,bogusorg,oldpkt,\
                  seldisp,selbroken,candidate";
    assert_eq!(names(&text(&mut campus, READ, 44160, pstats)).split(' ').count(), 15);
}

#[test]
fn refusals_are_the_originals() {
    for (name, permission, bad_opcode) in [
        ("campus", &[3, 5, 6, 8, 9, 11, 31][..], &[7, 13, 20][..]),
        ("ntpsec", &[3, 5, 8, 11], &[6, 7, 9, 13, 31]),
    ] {
        let mut daemon = daemon(name);
        for (codes, error) in [(permission, ErrorCode::PERMISSION), (bad_opcode, ErrorCode::BAD_OPCODE)] {
            for &code in codes {
                assert_eq!(ask(&mut daemon, Opcode(code), 0, b""), Err(error), "{name} {code}");
            }
        }
        for opcode in [Opcode(0), Opcode::READ_STATUS, READ, Opcode::READ_CLOCK] {
            assert_eq!(ask(&mut daemon, opcode, 99, b""), Err(ErrorCode::UNKNOWN_ASSOCIATION));
        }
        assert_eq!(ask(&mut daemon, READ, 0, b"leap,bogus"), Err(ErrorCode::UNKNOWN_VARIABLE));
    }
    assert_eq!(ask(&mut daemon("young"), Opcode::READ_CLOCK, 0, b""), Err(ErrorCode::UNKNOWN_ASSOCIATION));
    assert_eq!(
        ask(&mut daemon("campus"), Opcode::READ_CLOCK, 44159, b""),
        Err(ErrorCode::UNKNOWN_ASSOCIATION)
    );
}

#[test]
fn a_refusal_repeats_the_last_offset() {
    let mut campus = daemon("campus");
    assert_eq!(campus.answer(&request(READ, 44159, b""), NOW).len(), 2);
    let refusal = campus.answer(&request(READ, 99, b""), NOW);
    assert_eq!(refusal, [[0x16, 0xc2, 0x47, 0x11, 4, 0, 0, 99, 1, 0xd4, 0, 0]]);
}

#[test]
fn what_is_no_request_gets_no_answer_and_what_is_ill_formed_a_refusal() {
    let mut campus = daemon("campus");
    let good = request(READ, 0, b"tc");
    assert_eq!(campus.answer(&good, NOW).len(), 1);
    let with = |at: usize, octet: u8| {
        let mut changed = good.clone();
        changed[at] = octet;
        changed
    };
    for silent in [with(1, 0x82), with(1, 0x42), with(1, 0x22), with(9, 4), with(0, 6), with(0, 0x2e)] {
        assert!(campus.answer(&silent, NOW).is_empty(), "{silent:?}");
    }
    assert!(campus.answer(&good[..11], NOW).is_empty());
    assert!(campus.answer(&[], NOW).is_empty());
    for ill in [with(11, 9), good[..14].to_vec()] {
        let header = Message::parse(&campus.answer(&ill, NOW)[0]).unwrap().header;
        assert_eq!((header.error, header.error_code()), (true, ErrorCode::BAD_FORMAT), "{ill:?}");
    }
    assert_eq!(campus.control_requests(), 3);
    let long = b"leap,".repeat(96);
    assert!(ask(&mut campus, READ, 0, &long).is_ok());
    assert_eq!(ask(&mut daemon("ntpsec"), READ, 0, &long), Err(ErrorCode::BAD_FORMAT));
}

#[test]
fn status_words_tell_the_state() {
    let mut campus = daemon("campus");
    assert_eq!(ask(&mut campus, Opcode(0), 0, b""), Ok((0x0615, String::new())));
    let of = |daemon: &mut Daemon, id| ask(daemon, Opcode(0), id, b"").unwrap().0;
    for (id, status) in [
        (44159, 0x961a),
        (44160, 0xf414),
        (44162, 0x9114),
        (44165, 0x8011),
        (44168, 0xc04c),
        (44171, 0x8811),
        (44174, 0x8811),
        (44175, 0x1314),
    ] {
        assert_eq!(of(&mut campus, id), status, "{id}");
    }
    assert_eq!(of(&mut daemon("young"), 0), 0xc016);
    assert_eq!(of(&mut daemon("pulse"), 0), 0x0115);
    let mut ntpsec = daemon("ntpsec");
    assert_eq!(of(&mut ntpsec, 0), 0x0015);
    assert_eq!(of(&mut ntpsec, 17767), 0xb61a);
}

#[test]
fn the_list_begins_with_the_youngest() {
    let replies = daemon("campus").answer(&request(Opcode::READ_STATUS, 0, b""), NOW);
    let message = Message::parse(&replies[0]).unwrap();
    assert_eq!(message.data.len(), 18 * 4);
    assert_eq!(message.data[..4], [0xac, 0x90, 0x80, 0x11]);
    assert_eq!(message.data[68..], [0xac, 0x7f, 0x96, 0x1a]);
}

#[test]
fn a_crowd_fills_fragments_to_the_brim() {
    let mut large = Daemon::new(crowd(2000), NOW);
    let replies = large.answer(&request(Opcode::READ_STATUS, 0, b""), NOW);
    assert_eq!(replies.len(), 8000_usize.div_ceil(DATA_LIMIT));
    assert!(replies[..17].iter().all(|reply| reply.len() == HEADER_LENGTH + DATA_LIMIT));
    assert!(ask(&mut large, READ, 2999, b"").is_ok());
    let mut largest = Daemon::new(crowd(u16::MAX), NOW);
    let replies = largest.answer(&request(Opcode::READ_STATUS, 0, b""), NOW);
    let last = Message::parse(replies.last().unwrap()).unwrap();
    assert_eq!(usize::from(last.header.offset) + last.data.len(), 65_532, "all that offsets can count");
}

#[test]
fn values_move_with_the_time_and_stay_plausible() {
    let mut campus = daemon("campus");
    let mut offsets = Vec::new();
    for minute in 0..20 {
        let now = NOW.plus_seconds(61.0 * f64::from(minute));
        let reply = campus.answer(&request(READ, 44159, b"rec,offset,timer"), now);
        let reply = String::from_utf8(Message::parse(&reply[0]).unwrap().data.to_vec()).unwrap();
        let rec = reply.split("rec=0x").nth(1).unwrap();
        let seconds = u32::from_str_radix(&rec[..8], 16).unwrap();
        let when = now.whole_seconds() - seconds;
        assert!(when <= 64, "{when}");
        let timer: u32 = reply.split("timer=").nth(1).unwrap().split(',').next().unwrap().parse().unwrap();
        assert!((1..=64).contains(&timer));
        let offset = reply.split("offset=").nth(1).unwrap().trim_end().to_owned();
        assert!((offset.parse::<f64>().unwrap() - 0.042).abs() <= 0.051, "{offset}");
        offsets.push(offset);
    }
    offsets.sort();
    offsets.dedup();
    // The filter keeps to the same sample for a while.
    assert!(offsets.len() > 2, "{offsets:?}");
}

#[test]
fn the_end_of_the_era_is_no_trouble() {
    let mut campus = daemon("campus");
    for now in [NtpTime(0), NtpTime(1), NtpTime(u64::MAX), NtpTime(70 << 32)] {
        assert_eq!(campus.answer(&request(READ, 44159, b""), now).len(), 2);
        assert_eq!(campus.answer(&request(READ, 0, b""), now).len(), 1);
    }
}

#[test]
fn restarts_renumber_and_the_vanished_are_unknown() {
    let mut restless = daemon("restless");
    for _ in 0..12 {
        assert!(ask(&mut restless, READ, 44159, b"").is_ok());
    }
    assert_eq!(ask(&mut restless, READ, 44159, b""), Err(ErrorCode::UNKNOWN_ASSOCIATION));
    assert!(text(&mut restless, READ, 0, "ss_uptime").contains("=0"));
    let peer: u16 =
        text(&mut restless, READ, 0, "peer").trim_end().split('=').nth(1).unwrap().parse().unwrap();
    assert!(ask(&mut restless, READ, peer, b"").is_ok());

    let turnover = Turnover::VanishAt { request: 2, associations: 1 };
    let mut shrinking = Daemon::new(Scenario { turnover, ..crowd(3) }, NOW);
    assert!(ask(&mut shrinking, READ, 1002, b"").is_ok());
    assert_eq!(ask(&mut shrinking, READ, 1002, b""), Err(ErrorCode::UNKNOWN_ASSOCIATION));
    assert!(ask(&mut shrinking, READ, 1001, b"").is_ok());
}

#[test]
fn overrides_change_add_and_remove() {
    let mut scenario = crowd(1);
    scenario.associations[0].overrides =
        Overrides::none().with("delay", "-1.5").without("rec").with("x\x1b", b"\xff\"".to_vec());
    let mut daemon = Daemon::new(scenario, NOW);
    let reply = daemon.answer(&request(READ, 1000, b""), NOW);
    let data: Vec<u8> = reply.iter().flat_map(|reply| Message::parse(reply).unwrap().data.to_vec()).collect();
    let has = |wanted: &[u8]| data.windows(wanted.len()).any(|window| window == wanted);
    assert!(has(b" delay=-1.5") && has(b"x\x1b=\xff\"\r\n") && !has(b" rec="));
}

#[test]
fn stale_filters_carry_what_was_before() {
    let mut daemon = Daemon::new(Scenario { stale_filters: true, ..scenario("ntpsec") }, NOW);
    let reply = text(&mut daemon, READ, 17767, "filtoffset");
    let numbers = reply.split(' ').filter(|word| word.trim_end().parse::<f64>().is_ok()).count();
    assert!(numbers >= 16 && reply.starts_with("filtoffset=\u{1}"), "{reply}");
}

#[test]
fn the_time_is_given_or_a_kiss() {
    let asked = TimePacket::request(0x0123_4567_89ab_cdef);
    let ask = |daemon: &mut Daemon, packet: &[u8]| {
        daemon.answer(packet, NOW).first().map(|reply| TimePacket::parse(reply).unwrap())
    };
    let mut restless = daemon("restless");
    for _ in 0..2 {
        let given = ask(&mut restless, &asked.to_bytes()).unwrap();
        assert_eq!((given.leap, given.version, given.mode, given.stratum), (0, 4, Mode::SERVER, 2));
        assert_eq!((given.poll, given.reference_id), (3, [192, 0, 2, 11]));
        assert_eq!((given.origin_timestamp, given.receive_timestamp), (0x0123_4567_89ab_cdef, NOW.0));
        assert!(given.transmit_timestamp > NOW.0 && given.reference_timestamp < NOW.0);
    }
    let kiss = ask(&mut restless, &asked.to_bytes()).unwrap();
    assert_eq!((kiss.leap, kiss.stratum, &kiss.reference_id), (3, 0, b"RATE"));
    assert_eq!(kiss.receive_timestamp, 0x0123_4567_89ab_cdef);

    let young = ask(&mut daemon("young"), &asked.to_bytes()).unwrap();
    assert_eq!((young.leap, young.stratum), (3, 0));
    let mut campus = daemon("campus");
    for silent in [&asked.to_bytes()[..47], &[0x03; 48], &[0x23; 49], &[0x24; 48], &[0x27; 48]] {
        assert!(campus.answer(silent, NOW).is_empty(), "{silent:?}");
    }
}

#[test]
fn the_time_is_authenticated_for_those_who_are() {
    let key = |id: u32, secret: &str| Key::from_text(id, KeyType::Sha1, secret).unwrap();
    let keys = vec![key(1, "first"), key(2, "second")];
    let with_keys = |name: &str| Daemon::new(Scenario { keys: keys.clone(), ..scenario(name) }, NOW);
    let bare = TimePacket::request(77).to_bytes();
    let (mut classic, mut ntpsec) = (with_keys("campus"), with_keys("ntpsec"));
    for key in &keys {
        for daemon in [&mut classic, &mut ntpsec] {
            let reply = daemon.answer(&seal(key, bare.clone()), NOW).remove(0);
            let (message, code) = reply.split_at(48);
            assert_eq!(code[..4], key.id().to_be_bytes());
            assert!(key.verify(message, &code[4..]) && reply.len() == 72);
        }
    }
    for wrong in [key(1, "wrong"), key(9, "first")] {
        let request = seal(&wrong, bare.clone());
        let reply = classic.answer(&request, NOW).remove(0);
        assert_eq!((reply.len(), &reply[48..]), (52, [0; 4].as_slice()));
        assert!(ntpsec.answer(&request, NOW).is_empty());
        // One without keys refuses too.
        assert_eq!(daemon("campus").answer(&request, NOW).remove(0).len(), 52);
    }
    // A crypto-NAK is not answered, nor what is cut or too long.
    for tail in [4, 5, 28] {
        assert!(classic.answer(&[bare.as_slice(), &vec![0; tail]].concat(), NOW).is_empty());
    }
    let time_service = TimeService::OnlyAuthenticated;
    let mut strict = Daemon::new(Scenario { keys: keys.clone(), time_service, ..scenario("campus") }, NOW);
    assert!(strict.answer(&bare, NOW).is_empty());
    assert_eq!(strict.answer(&seal(&keys[0], bare), NOW).remove(0).len(), 72);
}
