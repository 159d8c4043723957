//! The primops that compiled code calls, against GHC's list.

use super::*;
use crate::entry::symbol::z_decode;
use alloc::string::String;

/// Every out-of-line primop of GHC 9.0.2 (`primops.txt.pp`): name, representations of the arguments without State#, and of
/// the results.
const OUT_OF_LINE: &str = "\
    decodeDoublezu2Intzh:d:nnnn; decodeDoublezuInt64zh:d:nn; decodeFloatzuIntzh:f:nn; newArrayzh:np:p; \
    unsafeThawArrayzh:p:p; copyArrayzh:pnpnn:; copyMutableArrayzh:pnpnn:; cloneArrayzh:pnn:p; \
    cloneMutableArrayzh:pnn:p; freezzeArrayzh:pnn:p; thawArrayzh:pnn:p; casArrayzh:pnpp:np; newSmallArrayzh:np:p; \
    shrinkSmallMutableArrayzh:pn:; unsafeThawSmallArrayzh:p:p; copySmallArrayzh:pnpnn:; \
    copySmallMutableArrayzh:pnpnn:; cloneSmallArrayzh:pnn:p; cloneSmallMutableArrayzh:pnn:p; \
    freezzeSmallArrayzh:pnn:p; thawSmallArrayzh:pnn:p; casSmallArrayzh:pnpp:np; newByteArrayzh:n:p; \
    newPinnedByteArrayzh:n:p; newAlignedPinnedByteArrayzh:nn:p; isMutableByteArrayPinnedzh:p:n; \
    isByteArrayPinnedzh:p:n; shrinkMutableByteArrayzh:pn:; resizzeMutableByteArrayzh:pn:p; newArrayArrayzh:n:p; \
    copyArrayArrayzh:pnpnn:; copyMutableArrayArrayzh:pnpnn:; newMutVarzh:p:p; atomicModifyMutVar2zh:pp:pp; \
    atomicModifyMutVarzuzh:pp:pp; casMutVarzh:ppp:np; catchzh:pp:p; raisezh:p:p; raiseIOzh:p:p; \
    maskAsyncExceptionszh:p:p; maskUninterruptiblezh:p:p; unmaskAsyncExceptionszh:p:p; getMaskingStatezh::n; \
    atomicallyzh:p:p; retryzh::p; catchRetryzh:pp:p; catchSTMzh:pp:p; newTVarzh:p:p; readTVarzh:p:p; \
    readTVarIOzh:p:p; writeTVarzh:pp:; newMVarzh::p; takeMVarzh:p:p; tryTakeMVarzh:p:np; putMVarzh:pp:; \
    tryPutMVarzh:pp:n; readMVarzh:p:p; tryReadMVarzh:p:np; isEmptyMVarzh:p:n; newIOPortzh::p; readIOPortzh:p:p; \
    writeIOPortzh:pp:n; delayzh:n:; waitReadzh:n:; waitWritezh:n:; forkzh:p:p; forkOnzh:np:p; killThreadzh:pp:; \
    yieldzh::; labelThreadzh:pn:; isCurrentThreadBoundzh::n; noDuplicatezh::; threadStatuszh:p:nnn; mkWeakzh:ppp:p; \
    mkWeakNoFinalizzerzh:pp:p; addCFinalizzerToWeakzh:nnnnp:n; deRefWeakzh:p:np; finalizzeWeakzh:p:np; \
    makeStablePtrzh:p:n; deRefStablePtrzh:n:p; makeStableNamezh:p:p; compactNewzh:n:p; compactResizzezh:pn:; \
    compactContainszh:pp:n; compactContainsAnyzh:p:n; compactGetFirstBlockzh:p:nn; compactGetNextBlockzh:pn:nn; \
    compactAllocateBlockzh:nn:n; compactFixupPointerszh:nn:pn; compactAddzh:pp:p; compactAddWithSharingzh:pp:p; \
    compactSizzezh:p:n; getSparkzh::np; numSparkszh::n; mkApUpd0zh:p:p; newBCOzh:pppnp:p; unpackClosurezh:p:npp; \
    closureSizzezh:p:n; getApStackValzh:pn:np; clearCCSzh:p:p; traceEventzh:n:; traceBinaryEventzh:nn:; \
    traceMarkerzh:n:; setThreadAllocationCounterzh:n:;";

#[test]
fn every_out_of_line_primop_is_there_with_its_representations() {
    let mut n = 0;
    for row in OUT_OF_LINE.split(';').map(str::trim).filter(|row| !row.is_empty()) {
        let mut parts = row.split(':');
        let mut part = || parts.next().expect("three parts");
        let (name, args, results) = (part(), part(), part());
        let name = z_decode(name).expect("z-encoded");
        let number = find(&name).unwrap_or_else(|| panic!("no primop {name}"));
        let primop = &PRIMOPS[number as usize];
        let own: String = primop.args.chars().filter(|c| *c != 'v').collect();
        assert_eq!((own.as_str(), primop.results), (args, results), "{name}");
        n += 1;
    }
    assert_eq!(n, 104);
}
