//! Calls of native libraries: slots of the C table whose functions are the host's. See Note [Native libraries] in `native`.

use bcvm::abi::ERRNO;
use bcvm::entry::symbol::{self, Slot};
use bcvm_host::glue::convention::C_PARAMS;
use wasmtime::{Caller, Func, Ref, Store, Table, V128, Val, ValType};

use super::imports::{Failed, Host};
use crate::native::{Frame, Returned, slot};

/// What a C function answers: rax, rdx, xmm0, xmm1.
type Answer = (u64, u64, V128, V128);

/// Fills the slots of all native functions that are granted. Those whose library is not open yet refuse to be called.
pub(super) fn fill(store: &mut Store<Host>, table: Table) -> wasmtime::Result<()> {
    for number in 0..store.data().os.native_count() {
        let function = function(store, number);
        table.set(&mut *store, u64::from(slot(number)), Ref::Func(Some(function)))?;
    }
    Ok(())
}

/// A function in the convention of the C table.
fn function(store: &mut Store<Host>, number: usize) -> Func {
    Func::wrap(
        store,
        move |caller: Caller<'_, Host>,
              rdi: u64,
              rsi: u64,
              rdx: u64,
              rcx: u64,
              r8: u64,
              r9: u64,
              xmm0: V128,
              xmm1: V128,
              xmm2: V128,
              xmm3: V128,
              xmm4: V128,
              xmm5: V128,
              xmm6: V128,
              xmm7: V128,
              _rax: u64|
              -> wasmtime::Result<Answer> {
            let vectors = [xmm0, xmm1, xmm2, xmm3, xmm4, xmm5, xmm6, xmm7].map(|vector| vector.as_u128() as u64);
            call(caller, number, Frame { words: [rdi, rsi, rdx, rcx, r8, r9], vectors, stack: 0 })
        },
    )
}

fn call(mut caller: Caller<'_, Host>, number: usize, mut frame: Frame) -> wasmtime::Result<Answer> {
    let rsp = caller.data().adjustors.as_ref().map(|glue| glue.rsp);
    frame.stack = rsp.and_then(|rsp| rsp.get(&mut caller).i64()).unwrap_or(0).cast_unsigned();
    let Host { memory, os, .. } = caller.data_mut();
    let before = memory.read(ERRNO, 4)?;
    let before = before.try_into().map_or(0, i32::from_le_bytes);
    let (returned, errno) = {
        let lent = memory.lend()?;
        os.call_native(number, &frame, &lent, before).map_err(Failed)?
    };
    // It may have taken so long that the program was stopped meanwhile: this is where it notices.
    memory.write(ERRNO, &errno.to_le_bytes())?;
    let zero = V128::from(0);
    Ok(match returned {
        Returned::Word(word) => (word, 0, zero, zero),
        Returned::Vector(word) => (0, 0, V128::from(u128::from(word)), zero),
        Returned::Text(text) => (copied(&mut caller, text)?.into(), 0, zero, zero),
    })
}

/// The address of a copy of `text` with a zero byte behind it, in memory that the program's own `malloc` has given.
fn copied(caller: &mut Caller<'_, Host>, mut text: Vec<u8>) -> wasmtime::Result<u32> {
    if let Some(addr) = caller.data().os.native_text(&text) {
        return Ok(addr);
    }
    let addr = allocated(caller, text.len() + 1)?;
    let Host { memory, os, .. } = caller.data_mut();
    text.push(0);
    memory.write(addr, &text)?;
    text.pop();
    os.keep_native_text(text, addr).map_err(Failed)?;
    Ok(addr)
}

/// Calls `malloc` as compiled C does.
fn allocated(caller: &mut Caller<'_, Host>, len: usize) -> wasmtime::Result<u32> {
    let no_memory = || Failed("there is no memory for a text that a native function has answered".into());
    let slot = symbol::lookup("malloc").and_then(|malloc| malloc.slot);
    let (Some(Slot::C(slot)), Some(glue)) = (slot, caller.data().adjustors.as_ref()) else {
        return Err(no_memory().into());
    };
    let table = glue.table;
    let Some(Ref::Func(Some(malloc))) = table.get(&mut *caller, u64::from(slot)) else {
        return Err(no_memory().into());
    };
    let mut params: Vec<Val> = C_PARAMS.iter().map(|_| Val::I64(0)).collect();
    for (param, ty) in params.iter_mut().zip(malloc.ty(&*caller).params()) {
        if matches!(ty, ValType::V128) {
            *param = Val::V128(V128::from(0));
        }
    }
    params[0] = Val::I64(len as i64);
    let mut results = vec![Val::I64(0); malloc.ty(&*caller).results().len()];
    malloc.call(&mut *caller, &params, &mut results)?;
    let addr = results.first().and_then(Val::i64).and_then(|addr| u32::try_from(addr).ok());
    Ok(addr.filter(|addr| *addr != 0).ok_or_else(no_memory)?)
}
