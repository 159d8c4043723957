//! The network (`sys/socket.h`, `netdb.h`, `arpa/inet.h`): there is none. What would reach it is refused, and that is on
//! record; what only looks at bytes works.

use super::area::TEXT;
use super::call::{fail, fail_null, refuse, write_text};
use crate::interp::machine::Machine;
use crate::libc::errno::{EAFNOSUPPORT, EBADF, ENOSPC};
use crate::libc::memory::c_string;
use crate::libc::table::functions;
use crate::word::{Addr, Word};
use alloc::string::{String, ToString};
use core::net::{Ipv4Addr, Ipv6Addr};

/// Families of addresses.
const AF_INET: Word = 2;
const AF_INET6: Word = 10;
/// `getaddrinfo` failed for good; `h_errno` says the same.
const EAI_FAIL: Word = -4i64 as Word;
const NO_RECOVERY: u32 = 3;
/// What is no address, and a file that is no socket.
const INADDR_NONE: Word = u32::MAX as Word;

/// The address in a text, as it goes over a network.
fn v4(text: &[u8]) -> Option<[u8; 4]> {
    Some(core::str::from_utf8(text).ok()?.parse::<Ipv4Addr>().ok()?.octets())
}

/// `inet_pton`: 1, or 0 if the text is no address.
fn to_bytes(m: &mut Machine, family: Word, text: Word, out: Word) -> Word {
    let text = c_string(&m.mem, text);
    let out = Addr::from_word(out);
    match family as u32 as Word {
        AF_INET => v4(&text).map_or(0, |bytes| {
            m.mem.write_bytes(out, &bytes);
            1
        }),
        AF_INET6 => {
            let address = core::str::from_utf8(&text).ok().and_then(|text| text.parse::<Ipv6Addr>().ok());
            address.map_or(0, |address| {
                m.mem.write_bytes(out, &address.octets());
                1
            })
        }
        _ => fail(m, EAFNOSUPPORT),
    }
}

/// The text of the address at `at`.
fn text_of(m: &Machine, family: Word, at: Word) -> Option<String> {
    let mut bytes = [0; 16];
    m.mem.read_bytes(Addr::from_word(at), &mut bytes[..if family == AF_INET { 4 } else { 16 }]);
    match family {
        AF_INET => Some(Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).to_string()),
        AF_INET6 => Some(Ipv6Addr::from(bytes).to_string()),
        _ => None,
    }
}

/// `inet_ntop`.
fn to_text(m: &mut Machine, [family, at, out, room]: [Word; 4]) -> Word {
    match text_of(m, family as u32 as Word, at) {
        None => fail_null(m, EAFNOSUPPORT),
        Some(text) if text.len() as Word >= room as u32 as Word => fail_null(m, ENOSPC),
        Some(text) => write_text(m, Addr::from_word(out), &text),
    }
}

/// A function that is refused by its name; without a socket it is only ever asked for one that is none.
macro_rules! refused {
    ($name:literal) => {
        |m, _| refuse(m, $name)
    };
}

/// A function on a socket, which this is not.
macro_rules! no_socket {
    () => {
        |m, _| fail(m, EBADF)
    };
}

/// A look-up that finds nothing.
macro_rules! nothing {
    ($answer:expr) => {
        |_, _| $answer
    };
}

functions! {
    "socket" "nnn" b'n' = refused!(c"socket");
    "socketpair" "nnnn" b'n' = refused!(c"socketpair");
    "accept" "nnn" b'n' = no_socket!();
    "accept4" "nnnn" b'n' = no_socket!();
    "bind" "nnn" b'n' = no_socket!();
    "connect" "nnn" b'n' = no_socket!();
    "getpeername" "nnn" b'n' = no_socket!();
    "getsockname" "nnn" b'n' = no_socket!();
    "getsockopt" "nnnnn" b'n' = no_socket!();
    "listen" "nn" b'n' = no_socket!();
    "recv" "nnnn" b'n' = no_socket!();
    "recvfrom" "nnnnnn" b'n' = no_socket!();
    "recvmsg" "nnn" b'n' = no_socket!();
    "send" "nnnn" b'n' = no_socket!();
    "sendmsg" "nnn" b'n' = no_socket!();
    "sendto" "nnnnnn" b'n' = no_socket!();
    "sendfile" "nnnn" b'n' = no_socket!();
    "sendfile64" "nnnn" b'n' = no_socket!();
    "setsockopt" "nnnnn" b'n' = no_socket!();
    "shutdown" "nn" b'n' = no_socket!();
    "getaddrinfo" "nnnn" b'n' = |m, _| {
        refuse(m, c"getaddrinfo");
        EAI_FAIL
    };
    "getnameinfo" "nnnnnnn" b'n' = |m, _| {
        refuse(m, c"getnameinfo");
        EAI_FAIL
    };
    "freeaddrinfo" "n" b'v' = nothing!(0);
    "gai_strerror" "n" b'n' = |m, _| write_text(m, TEXT, "Non-recoverable failure in name resolution");
    "gethostbyname" "n" b'n' = |m, _| {
        m.mem.set_u32(super::area::H_ERRNO, NO_RECOVERY);
        refuse(m, c"gethostbyname");
        0
    };
    "gethostbyaddr" "nnn" b'n' = |m, _| {
        m.mem.set_u32(super::area::H_ERRNO, NO_RECOVERY);
        refuse(m, c"gethostbyaddr");
        0
    };
    "__h_errno_location" "" b'n' = nothing!(super::area::H_ERRNO.word());
    "getifaddrs" "n" b'n' = refused!(c"getifaddrs");
    "freeifaddrs" "n" b'v' = nothing!(0);
    "if_nametoindex" "n" b'n' = nothing!(0);
    "if_indextoname" "nn" b'n' = nothing!(0);
    "getservbyname" "nn" b'n' = nothing!(0);
    "getservbyport" "nn" b'n' = nothing!(0);
    "getprotobyname" "n" b'n' = nothing!(0);
    "getprotobynumber" "n" b'n' = nothing!(0);
    "htonl" "n" b'n' = |_, [x, ..]| Word::from((x as u32).to_be());
    "ntohl" "n" b'n' = |_, [x, ..]| Word::from((x as u32).to_be());
    "htons" "n" b'n' = |_, [x, ..]| Word::from((x as u16).to_be());
    "ntohs" "n" b'n' = |_, [x, ..]| Word::from((x as u16).to_be());
    "inet_pton" "nnn" b'n' = |m, [family, text, out, ..]| to_bytes(m, family, text, out);
    "inet_ntop" "nnnn" b'n' = |m, [family, at, out, room, ..]| to_text(m, [family, at, out, room]);
    "inet_addr" "n" b'n' = |m, [text, ..]| {
        v4(&c_string(&m.mem, text)).map_or(INADDR_NONE, |bytes| Word::from(u32::from_le_bytes(bytes)))
    };
    "inet_aton" "nn" b'n' = |m, [text, out, ..]| to_bytes(m, AF_INET, text, out);
    "inet_ntoa" "n" b'n' = |m, [address, ..]| {
        let text = Ipv4Addr::from((address as u32).to_le_bytes()).to_string();
        write_text(m, TEXT, &text)
    };
}
