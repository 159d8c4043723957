//! Every supported instruction form against the real processor on random operands.
//!
//! `BCVM_FORM_CASES` sets the number of cases per form, `BCVM_FORM_SEED` the seed. The tables are a
//! superset of the forms found in GHC's package objects.

mod lift_support;

use lift_support::forms::{Form, Group, compare, compare_with, forms};

const ALL: &[u32] = &[8, 16, 32, 64];
const WIDE: &[u32] = &[16, 32, 64];
const LONG: &[u32] = &[32, 64];

const fn group(
    mnemonics: &'static str,
    shapes: &'static str,
    attributes: &'static str,
    widths: &'static [u32],
) -> Group {
    Group { mnemonics, shapes, attributes, widths }
}

fn check(groups: &[Group]) {
    let number = |name: &str, default: u64| std::env::var(name).ok().and_then(|v| v.parse().ok()).unwrap_or(default);
    let cases = number("BCVM_FORM_CASES", 10_000) as usize;
    let forms = forms(groups);
    let mismatches = compare(&forms, 8, cases, number("BCVM_FORM_SEED", 1));
    for mismatch in &mismatches {
        eprintln!("{}: {}", mismatch.form, mismatch.report);
    }
    assert!(mismatches.is_empty(), "{} of {} forms differ", mismatches.len(), forms.len());
}

#[test]
fn moves() {
    check(&[
        group("mov", "{rN}, {rN} | {rN}, {mN} | {mN}, {rN} | {rN}, {iN} | {mN}, {iN}", "", ALL),
        group("mov", "{r64}, {j64}", "", ALL),
        group("movnti", "{mN}, {rN}", "", LONG),
        group("movzx", "{rN}, {r8} | {rN}, {m8}", "", WIDE),
        group("movzx", "{rN}, {r16} | {rN}, {m16}", "", LONG),
        group("movsx", "{rN}, {r8} | {rN}, {m8}", "", WIDE),
        group("movsx", "{rN}, {r16} | {rN}, {m16}", "", LONG),
        group("movsxd", "{r64}, {r32} | {r64}, {m32}", "", ALL),
        group("lea", "{rN}, {a}", "free", WIDE),
        group("lea", "{r64}, [eax+ecx*2+5] | {r32}, [edi-1]", "free", ALL),
        group("xchg", "{rN}, {rN} | {mN}, {rN} | {rN}, {mN}", "", ALL),
        group("push", "{r64} | {i8} | {i32} | {m64}", "", ALL),
        group("pop", "{r64} | {m64} | rsp", "", ALL),
        group("push", "rsp", "", ALL),
        group("leave cbw cwde cdqe cwd cdq cqo nop mfence lfence sfence pause endbr64", "", "stack", ALL),
        group("nop", "{m16} | {m32}", "", ALL),
        group("prefetchnta prefetcht0 prefetcht1 prefetcht2", "{m8}", "", ALL),
    ]);
}

#[test]
fn arithmetic() {
    check(&[
        group(
            "add sub adc sbb cmp and or xor",
            "{rN}, {rN} | {rN}, {mN} | {mN}, {rN} | {rN}, {iN} | {mN}, {iN} | {rN}, {i8}",
            "",
            ALL,
        ),
        group("lock_add lock_sub lock_or lock_and lock_xor", "{mN}, {rN} | {mN}, {i8}", "", ALL),
        group("test", "{rN}, {rN} | {mN}, {rN} | {rN}, {iN} | {mN}, {iN}", "", ALL),
        group("inc dec neg not", "{rN} | {mN}", "", ALL),
        group("stc clc cmc", "", "", ALL),
        // Carries through several words, and flags that survive.
        group("add", "rax, rdi; adc rdx, {r64} | al, 1; inc rbx; adc rsi, 0", "", ALL),
        group("sub", "rax, rdi; sbb rdx, {r64} | rax, rdi; dec rbx; sbb rax, [rsi+8]", "rsi", ALL),
    ]);
}

#[test]
fn shifts() {
    check(&[
        group("shl shr sar rol ror", "{rN}, {c} | {rN}, cl | {mN}, {c} | {mN}, cl | {rN}, 1", "", ALL),
        group("rcl rcr", "{rN}, 1 | {mN}, 1", "", ALL),
        group("shld shrd", "{rN}, {rN}, {c} | {rN}, {rN}, cl | {mN}, {rN}, {c} | {mN}, {rN}, cl", "", LONG),
    ]);
}

#[test]
fn multiplication_and_division() {
    check(&[
        group("mul imul", "{rN} | {mN}", "", ALL),
        group("imul", "{rN}, {rN} | {rN}, {mN} | {rN}, {rN}, {iN} | {rN}, {mN}, {iN} | {rN}, {rN}, {i8}", "", WIDE),
        group("div idiv", "{rN} | {mN}", "div", ALL),
    ]);
}

#[test]
fn bits() {
    check(&[
        group("bt bts btr btc", "{rN}, {rN} | {rN}, {u} | {mN}, {u}", "", WIDE),
        group("bsf bsr tzcnt lzcnt popcnt", "{rN}, {rN} | {rN}, {mN}", "", WIDE),
        group("bswap", "{rN}", "", LONG),
    ]);
}

#[test]
fn atomics() {
    check(&[
        group("cmpxchg xadd", "{rN}, {rN} | {mN}, {rN}", "", ALL),
        group("lock_cmpxchg lock_xadd", "{mN}, {rN}", "", ALL),
        // With the accumulator equal to the destination more often than chance would have it.
        group("mov", "rax, [rsi]; lock cmpxchg [rsi], {r64}", "rsi", ALL),
    ]);
}

#[test]
fn conditions() {
    const CODES: [&str; 16] = ["o", "no", "b", "ae", "e", "ne", "be", "a", "s", "ns", "p", "np", "l", "ge", "le", "g"];
    let mut forms = Vec::new();
    let form = |template: String| Form { template, attributes: String::new() };
    for code in CODES {
        forms.push(form(format!("set{code} {{r8}}")));
        forms.push(form(format!("set{code} {{m8}}")));
        for width in WIDE {
            forms.push(form(format!("cmov{code} {{r{width}}}, {{r{width}}}")));
            forms.push(form(format!("cmov{code} {{r{width}}}, {{m{width}}}")));
        }
        // Fused with each kind of producer.
        for producer in [
            "nop",
            "cmp {r64}, {r64}",
            "cmp {r32}, {m32}",
            "cmp {r16}, {r16}",
            "cmp {r8}, {i8}",
            "add {r64}, {r64}",
            "add {r32}, {r32}",
            "add {r8}, {r8}",
            "sub {r16}, {r16}",
            "test {r64}, {r64}",
            "and {r32}, {i32}",
            "test {r8}, {i8}",
            "inc {r64}",
            "dec {r32}",
            "neg {r64}",
            "shl {r64}, 3",
            "shr {r32}, cl",
            "xor eax, eax",
            "ucomisd {x}, {x}",
            "ucomiss {x}, {x}",
            "adc {r64}, {r64}",
            "bt {r64}, {r64}",
        ] {
            // The jump's outcome shows in a register, and the flags live on across both ways.
            forms.push(form(format!("{producer}; j{code} 1f; mov r14d, 77; 1:")));
        }
    }
    // Undefined flags of these producers would show; they are used by the conditions that are defined.
    forms.retain(|form| {
        let undefined = |producer: &str, codes: &[&str]| {
            form.template.starts_with(producer)
                && codes.iter().any(|code| form.template.contains(&format!(" j{code} ")))
        };
        !undefined("bt", &["o", "no", "s", "ns", "p", "np", "l", "ge", "le", "g"])
            && !undefined("sh", &["o", "no", "l", "ge", "le", "g"])
    });
    let cases = std::env::var("BCVM_FORM_CASES").ok().and_then(|v| v.parse().ok()).unwrap_or(2_000);
    let mismatches = compare(&forms, 8, cases, 7);
    for mismatch in &mismatches {
        eprintln!("{}: {}", mismatch.form, mismatch.report);
    }
    assert!(mismatches.is_empty(), "{} of {} forms differ", mismatches.len(), forms.len());
}

#[test]
fn strings() {
    check(&[
        group("movsb movsw movsq stosb stosw stosd stosq lodsb lodsw lodsd lodsq", "", "str", ALL),
        group("scasb scasw scasd scasq cmpsb cmpsw cmpsq", "", "str", ALL),
        group("rep_movsb rep_movsw rep_movsq rep_stosb rep_stosw rep_stosd rep_stosq rep_lodsb", "", "str", ALL),
        group("repe_scasb repne_scasb repe_scasw repne_scasd repne_scasq", "", "str", ALL),
        group("repe_cmpsb repne_cmpsb repe_cmpsw repe_cmpsq", "", "str", ALL),
    ]);
}

#[test]
fn vector_moves() {
    check(&[
        group("movaps movups movapd movupd movdqa movdqu", "{x}, {x} | {x}, {n128}", "", ALL),
        group("movups movupd movdqu lddqu", "{x}, {m128}", "", ALL),
        group("movups movupd movdqu", "{m128}, {x}", "", ALL),
        group("movss", "{x}, {x} | {x}, {m32} | {m32}, {x}", "", ALL),
        group("movsd", "{x}, {x} | {x}, {m64} | {m64}, {x}", "", ALL),
        group("movd", "{x}, {r32} | {r32}, {x} | {x}, {m32} | {m32}, {x}", "", ALL),
        group("movq", "{x}, {r64} | {r64}, {x} | {x}, {m64} | {m64}, {x} | {x}, {x}", "", ALL),
        group("movlps movhps movlpd movhpd", "{x}, {m64} | {m64}, {x}", "", ALL),
        group("movhlps movlhps", "{x}, {x}", "", ALL),
        group("movmskps movmskpd pmovmskb", "{r32}, {x}", "", ALL),
    ]);
}

#[test]
fn vector_floats() {
    check(&[
        group("addss subss mulss divss minss maxss sqrtss", "{x}, {x} | {x}, {m32}", "nan32", ALL),
        group("addsd subsd mulsd divsd minsd maxsd sqrtsd", "{x}, {x} | {x}, {m64}", "nan64", ALL),
        group("addps subps mulps divps minps maxps sqrtps", "{x}, {x} | {x}, {n128}", "nan32", ALL),
        group("addpd subpd mulpd divpd minpd maxpd sqrtpd", "{x}, {x} | {x}, {n128}", "nan64", ALL),
        group("andps andpd orps orpd xorps xorpd andnps andnpd", "{x}, {x} | {x}, {n128}", "", ALL),
        group("ucomiss comiss", "{x}, {x} | {x}, {m32}", "", ALL),
        group("ucomisd comisd", "{x}, {x} | {x}, {m64}", "", ALL),
        group("cmpss", "{x}, {x}, {p} | {x}, {m32}, {p}", "", ALL),
        group("cmpsd", "{x}, {x}, {p} | {x}, {m64}, {p}", "", ALL),
        group("cmpps cmppd", "{x}, {x}, {p} | {x}, {n128}, {p}", "", ALL),
    ]);
}

#[test]
fn conversions() {
    check(&[
        group("cvtsi2sd cvtsi2ss", "{x}, {rN} | {x}, {mN}", "", LONG),
        group("cvttsd2si cvtsd2si", "{rN}, {x} | {rN}, {m64}", "", LONG),
        group("cvttss2si cvtss2si", "{rN}, {x} | {rN}, {m32}", "", LONG),
        group("cvtss2sd", "{x}, {x} | {x}, {m32}", "nan64", ALL),
        group("cvtsd2ss", "{x}, {x} | {x}, {m64}", "nan32", ALL),
        group("cvtdq2ps cvttps2dq cvtps2dq cvttpd2dq cvtpd2dq", "{x}, {x} | {x}, {n128}", "", ALL),
        group("cvtdq2pd", "{x}, {x} | {x}, {m64}", "", ALL),
        group("cvtps2pd", "{x}, {x} | {x}, {m64}", "nan64", ALL),
        group("cvtpd2ps", "{x}, {x} | {x}, {n128}", "nan32", ALL),
    ]);
}

#[test]
fn vector_integers() {
    check(&[
        group(
            "paddb paddw paddd paddq psubb psubw psubd psubq paddsb paddsw paddusb paddusw",
            "{x}, {x} | {x}, {n128}",
            "",
            ALL,
        ),
        group(
            "psubsb psubsw psubusb psubusw pmullw pmulhw pmulhuw pmuludq pmaddwd psadbw",
            "{x}, {x} | {x}, {n128}",
            "",
            ALL,
        ),
        group("pavgb pavgw pminub pmaxub pminsw pmaxsw pand por pxor pandn", "{x}, {x} | {x}, {n128}", "", ALL),
        group("pcmpeqb pcmpeqw pcmpeqd pcmpgtb pcmpgtw pcmpgtd", "{x}, {x} | {x}, {n128}", "", ALL),
        group("psllw pslld psllq psrlw psrld psrlq psraw psrad", "{x}, {c} | {x}, {x} | {x}, {n128}", "", ALL),
        // Counts in vectors are mostly huge; these are small.
        group("pand", "xmm2, xmm5; movd xmm2, edi; psrlq xmm2, 58; psrad {x}, xmm2", "", ALL),
        group("movd", "xmm2, edi; pslld xmm2, 26; psrld xmm2, 26; psllq {x}, xmm2", "", ALL),
        group("pslldq psrldq", "{x}, {u} | {x}, 3 | {x}, 8", "", ALL),
    ]);
}

#[test]
fn vector_shuffles() {
    check(&[
        group(
            "punpcklbw punpcklwd punpckldq punpcklqdq punpckhbw punpckhwd punpckhdq punpckhqdq",
            "{x}, {x} | {x}, {n128}",
            "",
            ALL,
        ),
        group("unpcklps unpcklpd unpckhps unpckhpd packsswb packuswb packssdw", "{x}, {x} | {x}, {n128}", "", ALL),
        group("pshufd pshuflw pshufhw shufps shufpd", "{x}, {x}, {u} | {x}, {n128}, {u}", "", ALL),
        group("pshufb", "{x}, {x} | {x}, {n128}", "", ALL),
        group("pinsrw", "{x}, {r32}, {u} | {x}, {m16}, {u}", "", ALL),
        group("pextrw", "{r32}, {x}, {u}", "", ALL),
    ]);
}

/// The comparison must be able to fail: each of these pairs differs in something it looks at.
#[test]
fn differences_are_found() {
    let pairs = [
        ("add {r64}, {r64}", "sub {r64}, {r64}"),
        ("shl {r64}, 3", "shl {r64}, 4"),
        ("mov {m64}, {r64}", "mov {m64}, 1"),
        ("addsd {x}, {x}", "subsd {x}, {x}"),
        // Differ in flags only.
        ("cmp {r64}, {r64}", "test {r64}, {r64}"),
        ("inc {r64}", "add {r64}, 1"),
    ];
    for (native, lifted) in pairs {
        let form = |template: &str| vec![Form { template: template.to_owned(), attributes: "nan64".to_owned() }];
        let found = compare_with(&form(native), &form(lifted), 2, 500, 3);
        assert_eq!(found.len(), 1, "{native} and {lifted} were not told apart");
    }
}
