//! Built-in entries: info tables of closures and frames that GHC's code refers to by name, declared once.
//!
//! A row is `NAME "symbol" TYPE layout`. The position is the slot in the function table and fixes the address
//! (see Note [One code pointer] in `layout::info_table`), so an info pointer of a built-in is a constant and the
//! interpreter can switch on it. Symbols are GHC's (`rts/StgMiscClosures.cmm`, `rts/Updates.cmm`, `rts/Apply.cmm`,
//! `rts/Exception.cmm`), without the `_info` suffix. Layouts: `Heap(ptrs, nptrs)`, `Frame("pn…")`, `Selector(n)`,
//! `Con(ptrs, nptrs, tag, "description")`, and `Code()` for code without an info table, whose symbol is whole.
//! The entries of primops are not here: they follow from the table of primops (`entry::closures`).

use crate::abi::map;
use crate::layout::ClosureType;
use crate::word::InfoPtr;

/// Bytes between built-in entries: the longest info table, its code word, and room to keep them 8-aligned.
const STRIDE: u32 = 48;
/// Where in its stride an entry's info pointer lies.
const AT: u32 = crate::layout::info_table::MAX_BYTES;

/// How the payload of a built-in entry is laid out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// A heap closure: pointers, then non-pointers.
    Heap(u32, u32),
    /// A stack frame: one letter a word, `p` for pointers.
    Frame(&'static str),
    /// A selector thunk of this field.
    Selector(u32),
    /// A constructor: pointers, non-pointers, zero-based tag, `pkg:Module.Con`.
    Con(u32, u32, u32, &'static str),
    /// No closure and no frame: an address that compiled code jumps to.
    Code(),
}

/// Calls `$m!` with every built-in entry.
#[macro_export]
macro_rules! for_each_entry {
    ($m:ident) => {
        $m! {
            // What a thread's stack begins with when it is resumed, and what values are returned through.
            STG_ENTER "stg_enter" RET_SMALL Frame("p"),
            STG_APPLY_INTERP "stg_apply_interp" RET_BCO Frame(""),
            STG_RET_P "stg_ret_p" RET_SMALL Frame("p"),
            STG_RET_N "stg_ret_n" RET_SMALL Frame("n"),
            STG_RET_F "stg_ret_f" RET_SMALL Frame("n"),
            STG_RET_D "stg_ret_d" RET_SMALL Frame("n"),
            STG_RET_L "stg_ret_l" RET_SMALL Frame("n"),
            STG_RET_V "stg_ret_v" RET_SMALL Frame(""),
            // Several results, kept over a safe point: R1, R2 and so on.
            STG_RET_PP "bcvm_ret_pp" RET_SMALL Frame("pp"),
            STG_RET_PPP "bcvm_ret_ppp" RET_SMALL Frame("ppp"),
            STG_RET_PPPP "bcvm_ret_pppp" RET_SMALL Frame("pppp"),
            // Case continuations of byte code, by the representation of the scrutinee.
            STG_CTOI_R1P "stg_ctoi_R1p" RET_BCO Frame(""),
            STG_CTOI_R1UNPT "stg_ctoi_R1unpt" RET_BCO Frame(""),
            STG_CTOI_R1N "stg_ctoi_R1n" RET_BCO Frame(""),
            STG_CTOI_F1 "stg_ctoi_F1" RET_BCO Frame(""),
            STG_CTOI_D1 "stg_ctoi_D1" RET_BCO Frame(""),
            STG_CTOI_L1 "stg_ctoi_L1" RET_BCO Frame(""),
            STG_CTOI_V "stg_ctoi_V" RET_BCO Frame(""),
            // Application frames, by the representations of the arguments.
            STG_AP_V "stg_ap_v" RET_SMALL Frame(""),
            STG_AP_F "stg_ap_f" RET_SMALL Frame("n"),
            STG_AP_D "stg_ap_d" RET_SMALL Frame("n"),
            STG_AP_L "stg_ap_l" RET_SMALL Frame("n"),
            STG_AP_N "stg_ap_n" RET_SMALL Frame("n"),
            STG_AP_P "stg_ap_p" RET_SMALL Frame("p"),
            STG_AP_PV "stg_ap_pv" RET_SMALL Frame("p"),
            STG_AP_PP "stg_ap_pp" RET_SMALL Frame("pp"),
            STG_AP_PPV "stg_ap_ppv" RET_SMALL Frame("pp"),
            STG_AP_PPP "stg_ap_ppp" RET_SMALL Frame("ppp"),
            STG_AP_PPPV "stg_ap_pppv" RET_SMALL Frame("ppp"),
            STG_AP_PPPP "stg_ap_pppp" RET_SMALL Frame("pppp"),
            STG_AP_PPPPP "stg_ap_ppppp" RET_SMALL Frame("ppppp"),
            STG_AP_PPPPPP "stg_ap_pppppp" RET_SMALL Frame("pppppp"),
            // Frames of the runtime.
            STG_UPD_FRAME "stg_upd_frame" UPDATE_FRAME Frame("p"),
            STG_MARKED_UPD_FRAME "stg_marked_upd_frame" UPDATE_FRAME Frame("p"),
            STG_BH_UPD_FRAME "stg_bh_upd_frame" UPDATE_FRAME Frame("p"),
            STG_CATCH_FRAME "stg_catch_frame" CATCH_FRAME Frame("np"),
            STG_STOP_THREAD "stg_stop_thread" STOP_FRAME Frame(""),
            STG_STACK_UNDERFLOW_FRAME "stg_stack_underflow_frame" UNDERFLOW_FRAME Frame("p"),
            STG_MASK_ASYNC_EXCEPTIONS_RET "stg_maskAsyncExceptionszh_ret" RET_SMALL Frame(""),
            STG_MASK_UNINTERRUPTIBLE_RET "stg_maskUninterruptiblezh_ret" RET_SMALL Frame(""),
            STG_UNMASK_ASYNC_EXCEPTIONS_RET "stg_unmaskAsyncExceptionszh_ret" RET_SMALL Frame(""),
            // Drop the value returned and go on with the frame beneath: how the machine evaluates for effect.
            STG_SEQ_FRAME "bcvm_seq_frame" RET_SMALL Frame(""),
            // Return the constructor number of the value returned, or the value itself as an unlifted result.
            STG_DATA_TO_TAG_FRAME "bcvm_dataToTag_frame" RET_SMALL Frame(""),
            STG_SEQ_RET_FRAME "bcvm_seq_ret_frame" RET_SMALL Frame(""),
            // A known function waits for its first argument, having the second; and the other way round.
            STG_FIRST_FRAME "bcvm_first_frame" RET_SMALL Frame("pp"),
            STG_SECOND_FRAME "bcvm_second_frame" RET_SMALL Frame("pp"),
            // Apply the function to what an IO action returns; run another action after it.
            STG_BIND_FRAME "bcvm_bind_frame" RET_SMALL Frame("p"),
            STG_THEN_FRAME "bcvm_then_frame" RET_SMALL Frame("p"),
            STG_ATOMICALLY_FRAME "stg_atomically_frame" ATOMICALLY_FRAME Frame("pp"),
            STG_CATCH_RETRY_FRAME "stg_catch_retry_frame" CATCH_RETRY_FRAME Frame("npp"),
            STG_CATCH_STM_FRAME "stg_catch_stm_frame" CATCH_STM_FRAME Frame("pp"),
            // Run the IO actions in an array from this index on, whatever the one before has come to.
            STG_RUN_FINALIZERS_FRAME "bcvm_runFinalizers_frame" RET_SMALL Frame("pn"),
            STG_RESTORE_CCCS "stg_restore_cccs" RET_SMALL Frame("n"),
            STG_GC_FUN "stg_gc_fun" RET_FUN Frame(""),
            // Heap closures.
            STG_BCO "stg_BCO" BCO Heap(3, 0),
            STG_AP "stg_AP" AP Heap(0, 0),
            STG_AP_NOUPD "stg_AP_NOUPD" AP Heap(0, 0),
            STG_PAP "stg_PAP" PAP Heap(0, 0),
            STG_AP_STACK "stg_AP_STACK" AP_STACK Heap(0, 0),
            STG_IND "stg_IND" IND Heap(1, 0),
            STG_IND_STATIC "stg_IND_STATIC" IND_STATIC Heap(1, 0),
            STG_BLACKHOLE "stg_BLACKHOLE" BLACKHOLE Heap(1, 0),
            STG_CAF_BLACKHOLE "stg_CAF_BLACKHOLE" BLACKHOLE Heap(1, 0),
            STG_EAGER_BLACKHOLE "__stg_EAGER_BLACKHOLE" BLACKHOLE Heap(1, 0),
            STG_WHITEHOLE "stg_WHITEHOLE" WHITEHOLE Heap(0, 0),
            STG_TSO "stg_TSO" TSO Heap(0, 0),
            STG_STACK "stg_STACK" STACK Heap(0, 0),
            STG_ARR_WORDS "stg_ARR_WORDS" ARR_WORDS Heap(0, 0),
            STG_MUT_ARR_PTRS_CLEAN "stg_MUT_ARR_PTRS_CLEAN" MUT_ARR_PTRS_CLEAN Heap(0, 0),
            STG_MUT_ARR_PTRS_DIRTY "stg_MUT_ARR_PTRS_DIRTY" MUT_ARR_PTRS_DIRTY Heap(0, 0),
            STG_MUT_ARR_PTRS_FROZEN_CLEAN "stg_MUT_ARR_PTRS_FROZEN_CLEAN" MUT_ARR_PTRS_FROZEN_CLEAN Heap(0, 0),
            STG_MUT_ARR_PTRS_FROZEN_DIRTY "stg_MUT_ARR_PTRS_FROZEN_DIRTY" MUT_ARR_PTRS_FROZEN_DIRTY Heap(0, 0),
            STG_SMALL_MUT_ARR_PTRS_CLEAN "stg_SMALL_MUT_ARR_PTRS_CLEAN" SMALL_MUT_ARR_PTRS_CLEAN Heap(0, 0),
            STG_SMALL_MUT_ARR_PTRS_DIRTY "stg_SMALL_MUT_ARR_PTRS_DIRTY" SMALL_MUT_ARR_PTRS_DIRTY Heap(0, 0),
            STG_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN "stg_SMALL_MUT_ARR_PTRS_FROZEN_CLEAN"
                SMALL_MUT_ARR_PTRS_FROZEN_CLEAN Heap(0, 0),
            STG_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY "stg_SMALL_MUT_ARR_PTRS_FROZEN_DIRTY"
                SMALL_MUT_ARR_PTRS_FROZEN_DIRTY Heap(0, 0),
            STG_MUT_VAR_CLEAN "stg_MUT_VAR_CLEAN" MUT_VAR_CLEAN Heap(1, 0),
            STG_MUT_VAR_DIRTY "stg_MUT_VAR_DIRTY" MUT_VAR_DIRTY Heap(1, 0),
            STG_WEAK "stg_WEAK" WEAK Heap(1, 4),
            STG_DEAD_WEAK "stg_DEAD_WEAK" CONSTR Con(0, 5, 0, "rts:DEAD_WEAK"),
            STG_STABLE_NAME "stg_STABLE_NAME" PRIM Heap(0, 1),
            STG_C_FINALIZER_LIST "stg_C_FINALIZER_LIST" PRIM Heap(1, 4),
            STG_COMPACT_NFDATA "stg_COMPACT_NFDATA_CLEAN" COMPACT_NFDATA Heap(0, 9),
            // Objects of concurrency.
            STG_MVAR_CLEAN "stg_MVAR_CLEAN" MVAR_CLEAN Heap(3, 0),
            STG_MVAR_DIRTY "stg_MVAR_DIRTY" MVAR_DIRTY Heap(3, 0),
            STG_MVAR_TSO_QUEUE "stg_MVAR_TSO_QUEUE" PRIM Heap(2, 0),
            STG_MSG_NULL "stg_MSG_NULL" PRIM Heap(1, 0),
            STG_MSG_THROWTO "stg_MSG_THROWTO" PRIM Heap(4, 0),
            STG_BLOCKING_QUEUE_CLEAN "stg_BLOCKING_QUEUE_CLEAN" BLOCKING_QUEUE Heap(4, 0),
            STG_BLOCKING_QUEUE_DIRTY "stg_BLOCKING_QUEUE_DIRTY" BLOCKING_QUEUE Heap(4, 0),
            STG_TVAR_CLEAN "stg_TVAR_CLEAN" TVAR Heap(2, 1),
            STG_TVAR_DIRTY "stg_TVAR_DIRTY" TVAR Heap(2, 1),
            STG_TVAR_WATCH_QUEUE "stg_TVAR_WATCH_QUEUE" MUT_PRIM Heap(3, 0),
            STG_TREC_HEADER "stg_TREC_HEADER" MUT_PRIM Heap(2, 1),
            STG_TREC_CHUNK "stg_TREC_CHUNK" TREC_CHUNK Heap(0, 0),
            STG_END_STM_WATCH_QUEUE "stg_END_STM_WATCH_QUEUE" CONSTR_NOCAF Con(0, 0, 0, "rts:END_STM_WATCH_QUEUE"),
            STG_END_STM_CHUNK_LIST "stg_END_STM_CHUNK_LIST" CONSTR_NOCAF Con(0, 0, 0, "rts:END_STM_CHUNK_LIST"),
            // Thunks: re-raise an exception, apply one free variable to others, select a field.
            STG_RAISE "stg_raise" THUNK_1_0 Heap(1, 0),
            STG_AP_1_UPD "stg_ap_1_upd" THUNK_1_0 Heap(1, 0),
            STG_AP_2_UPD "stg_ap_2_upd" THUNK_2_0 Heap(2, 0),
            STG_AP_3_UPD "stg_ap_3_upd" THUNK Heap(3, 0),
            STG_AP_4_UPD "stg_ap_4_upd" THUNK Heap(4, 0),
            STG_AP_5_UPD "stg_ap_5_upd" THUNK Heap(5, 0),
            STG_AP_6_UPD "stg_ap_6_upd" THUNK Heap(6, 0),
            STG_AP_7_UPD "stg_ap_7_upd" THUNK Heap(7, 0),
            STG_SEL_0_UPD "stg_sel_0_upd" THUNK_SELECTOR Selector(0),
            STG_SEL_1_UPD "stg_sel_1_upd" THUNK_SELECTOR Selector(1),
            STG_SEL_2_UPD "stg_sel_2_upd" THUNK_SELECTOR Selector(2),
            STG_SEL_3_UPD "stg_sel_3_upd" THUNK_SELECTOR Selector(3),
            STG_SEL_4_UPD "stg_sel_4_upd" THUNK_SELECTOR Selector(4),
            STG_SEL_5_UPD "stg_sel_5_upd" THUNK_SELECTOR Selector(5),
            STG_SEL_6_UPD "stg_sel_6_upd" THUNK_SELECTOR Selector(6),
            STG_SEL_7_UPD "stg_sel_7_upd" THUNK_SELECTOR Selector(7),
            STG_SEL_8_UPD "stg_sel_8_upd" THUNK_SELECTOR Selector(8),
            STG_SEL_9_UPD "stg_sel_9_upd" THUNK_SELECTOR Selector(9),
            STG_SEL_10_UPD "stg_sel_10_upd" THUNK_SELECTOR Selector(10),
            STG_SEL_11_UPD "stg_sel_11_upd" THUNK_SELECTOR Selector(11),
            STG_SEL_12_UPD "stg_sel_12_upd" THUNK_SELECTOR Selector(12),
            STG_SEL_13_UPD "stg_sel_13_upd" THUNK_SELECTOR Selector(13),
            STG_SEL_14_UPD "stg_sel_14_upd" THUNK_SELECTOR Selector(14),
            STG_SEL_15_UPD "stg_sel_15_upd" THUNK_SELECTOR Selector(15),
            // The same for a field that is not worth an update frame; here it gets one.
            STG_SEL_0_NOUPD "stg_sel_0_noupd" THUNK_SELECTOR Selector(0),
            STG_SEL_1_NOUPD "stg_sel_1_noupd" THUNK_SELECTOR Selector(1),
            STG_SEL_2_NOUPD "stg_sel_2_noupd" THUNK_SELECTOR Selector(2),
            STG_SEL_3_NOUPD "stg_sel_3_noupd" THUNK_SELECTOR Selector(3),
            STG_SEL_4_NOUPD "stg_sel_4_noupd" THUNK_SELECTOR Selector(4),
            STG_SEL_5_NOUPD "stg_sel_5_noupd" THUNK_SELECTOR Selector(5),
            STG_SEL_6_NOUPD "stg_sel_6_noupd" THUNK_SELECTOR Selector(6),
            STG_SEL_7_NOUPD "stg_sel_7_noupd" THUNK_SELECTOR Selector(7),
            STG_SEL_8_NOUPD "stg_sel_8_noupd" THUNK_SELECTOR Selector(8),
            STG_SEL_9_NOUPD "stg_sel_9_noupd" THUNK_SELECTOR Selector(9),
            STG_SEL_10_NOUPD "stg_sel_10_noupd" THUNK_SELECTOR Selector(10),
            STG_SEL_11_NOUPD "stg_sel_11_noupd" THUNK_SELECTOR Selector(11),
            STG_SEL_12_NOUPD "stg_sel_12_noupd" THUNK_SELECTOR Selector(12),
            STG_SEL_13_NOUPD "stg_sel_13_noupd" THUNK_SELECTOR Selector(13),
            STG_SEL_14_NOUPD "stg_sel_14_noupd" THUNK_SELECTOR Selector(14),
            STG_SEL_15_NOUPD "stg_sel_15_noupd" THUNK_SELECTOR Selector(15),
            // Static reference tables of compiled code. Nothing here follows them: CAFs are retained.
            STG_SRT_1 "stg_SRT_1" CONSTR Heap(1, 0),
            STG_SRT_2 "stg_SRT_2" CONSTR Heap(2, 0),
            STG_SRT_3 "stg_SRT_3" CONSTR Heap(3, 0),
            STG_SRT_4 "stg_SRT_4" CONSTR Heap(4, 0),
            STG_SRT_5 "stg_SRT_5" CONSTR Heap(5, 0),
            STG_SRT_6 "stg_SRT_6" CONSTR Heap(6, 0),
            STG_SRT_7 "stg_SRT_7" CONSTR Heap(7, 0),
            STG_SRT_8 "stg_SRT_8" CONSTR Heap(8, 0),
            STG_SRT_9 "stg_SRT_9" CONSTR Heap(9, 0),
            STG_SRT_10 "stg_SRT_10" CONSTR Heap(10, 0),
            STG_SRT_11 "stg_SRT_11" CONSTR Heap(11, 0),
            STG_SRT_12 "stg_SRT_12" CONSTR Heap(12, 0),
            STG_SRT_13 "stg_SRT_13" CONSTR Heap(13, 0),
            STG_SRT_14 "stg_SRT_14" CONSTR Heap(14, 0),
            STG_SRT_15 "stg_SRT_15" CONSTR Heap(15, 0),
            STG_SRT_16 "stg_SRT_16" CONSTR Heap(16, 0),
            // What compiled code jumps to when it calls a function it does not know: arguments in registers, by pattern
            // as the frames above, in the same order.
            STG_AP_V_FAST "stg_ap_v_fast" INVALID_OBJECT Code(),
            STG_AP_F_FAST "stg_ap_f_fast" INVALID_OBJECT Code(),
            STG_AP_D_FAST "stg_ap_d_fast" INVALID_OBJECT Code(),
            STG_AP_L_FAST "stg_ap_l_fast" INVALID_OBJECT Code(),
            STG_AP_N_FAST "stg_ap_n_fast" INVALID_OBJECT Code(),
            STG_AP_P_FAST "stg_ap_p_fast" INVALID_OBJECT Code(),
            STG_AP_PV_FAST "stg_ap_pv_fast" INVALID_OBJECT Code(),
            STG_AP_PP_FAST "stg_ap_pp_fast" INVALID_OBJECT Code(),
            STG_AP_PPV_FAST "stg_ap_ppv_fast" INVALID_OBJECT Code(),
            STG_AP_PPP_FAST "stg_ap_ppp_fast" INVALID_OBJECT Code(),
            STG_AP_PPPV_FAST "stg_ap_pppv_fast" INVALID_OBJECT Code(),
            STG_AP_PPPP_FAST "stg_ap_pppp_fast" INVALID_OBJECT Code(),
            STG_AP_PPPPP_FAST "stg_ap_ppppp_fast" INVALID_OBJECT Code(),
            STG_AP_PPPPPP_FAST "stg_ap_pppppp_fast" INVALID_OBJECT Code(),
            // Evaluates R1.
            STG_AP_0_FAST "stg_ap_0_fast" INVALID_OBJECT Code(),
            // What it jumps to when a heap or stack check failed, by what is in its registers.
            STG_GC_ENTER_1 "__stg_gc_enter_1" INVALID_OBJECT Code(),
            STG_GC_FUN_CODE "__stg_gc_fun" INVALID_OBJECT Code(),
            STG_GC_NOREGS "stg_gc_noregs" INVALID_OBJECT Code(),
            STG_GC_UNPT_R1 "stg_gc_unpt_r1" INVALID_OBJECT Code(),
            STG_GC_UNBX_R1 "stg_gc_unbx_r1" INVALID_OBJECT Code(),
            STG_GC_L1 "stg_gc_l1" INVALID_OBJECT Code(),
            STG_GC_F1 "stg_gc_f1" INVALID_OBJECT Code(),
            STG_GC_D1 "stg_gc_d1" INVALID_OBJECT Code(),
            STG_GC_PP "stg_gc_pp" INVALID_OBJECT Code(),
            STG_GC_PPP "stg_gc_ppp" INVALID_OBJECT Code(),
            STG_GC_PPPP "stg_gc_pppp" INVALID_OBJECT Code(),
            // What the non-moving collector, which there is not, would like to know of a copied array.
            STG_COPY_ARRAY_BARRIER "stg_copyArray_barrier" INVALID_OBJECT Code(),
            // Markers that are closures so that the collector need not know them.
            STG_END_TSO_QUEUE "stg_END_TSO_QUEUE" CONSTR_NOCAF Con(0, 0, 0, "rts:END_TSO_QUEUE"),
            STG_NO_FINALIZER "stg_NO_FINALIZER" CONSTR_NOCAF Con(0, 0, 0, "rts:NO_FINALIZER"),
            STG_NO_TREC "stg_NO_TREC" CONSTR_NOCAF Con(0, 0, 0, "rts:NO_TREC"),
            STG_DUMMY_RET "stg_dummy_ret" CONSTR_NOCAF Con(0, 0, 0, "rts:dummy_ret"),
            // Entry code of constructors that MkConInfoTable makes, by pointer tag.
            STG_INTERP_CONSTR1 "stg_interp_constr1_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR2 "stg_interp_constr2_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR3 "stg_interp_constr3_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR4 "stg_interp_constr4_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR5 "stg_interp_constr5_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR6 "stg_interp_constr6_entry" CONSTR Heap(0, 0),
            STG_INTERP_CONSTR7 "stg_interp_constr7_entry" CONSTR Heap(0, 0),
            // Constructors the runtime makes and matches on.
            FALSE_CON "ghczmprim_GHCziTypes_False_con" CONSTR_0_1 Con(0, 0, 0, "ghc-prim:GHC.Types.False"),
            TRUE_CON "ghczmprim_GHCziTypes_True_con" CONSTR_0_1 Con(0, 0, 1, "ghc-prim:GHC.Types.True"),
            UNIT_CON "ghczmprim_GHCziTuple_Z0T_con" CONSTR_0_1 Con(0, 0, 0, "ghc-prim:GHC.Tuple.()"),
            NIL_CON "ghczmprim_GHCziTypes_ZMZN_con" CONSTR_0_1 Con(0, 0, 0, "ghc-prim:GHC.Types.[]"),
            CONS_CON "ghczmprim_GHCziTypes_ZC_con" CONSTR_2_0 Con(2, 0, 1, "ghc-prim:GHC.Types.:"),
            C_HASH_CON "ghczmprim_GHCziTypes_Czh_con" CONSTR_0_1 Con(0, 1, 0, "ghc-prim:GHC.Types.C#"),
            I_HASH_CON "ghczmprim_GHCziTypes_Izh_con" CONSTR_0_1 Con(0, 1, 0, "ghc-prim:GHC.Types.I#"),
            W_HASH_CON "ghczmprim_GHCziTypes_Wzh_con" CONSTR_0_1 Con(0, 1, 0, "ghc-prim:GHC.Types.W#"),
            D_HASH_CON "ghczmprim_GHCziTypes_Dzh_con" CONSTR_0_1 Con(0, 1, 0, "ghc-prim:GHC.Types.D#"),
            F_HASH_CON "ghczmprim_GHCziTypes_Fzh_con" CONSTR_0_1 Con(0, 1, 0, "ghc-prim:GHC.Types.F#"),
            LT_CON "ghczmprim_GHCziTypes_LT_con" CONSTR_0_1 Con(0, 0, 0, "ghc-prim:GHC.Types.LT"),
            EQ_CON "ghczmprim_GHCziTypes_EQ_con" CONSTR_0_1 Con(0, 0, 1, "ghc-prim:GHC.Types.EQ"),
            GT_CON "ghczmprim_GHCziTypes_GT_con" CONSTR_0_1 Con(0, 0, 2, "ghc-prim:GHC.Types.GT"),
            PAIR_CON "ghczmprim_GHCziTuple_Z2T_con" CONSTR_2_0 Con(2, 0, 0, "ghc-prim:GHC.Tuple.(,)"),
            TRIPLE_CON "ghczmprim_GHCziTuple_Z3T_con" CONSTR Con(3, 0, 0, "ghc-prim:GHC.Tuple.(,,)"),
            // Exceptions the runtime raises; base's own replace them once it is loaded.
            HEAP_OVERFLOW_CON "base_GHCziIOziException_HeapOverflow_con" CONSTR_0_1
                Con(0, 0, 1, "base:GHC.IO.Exception.HeapOverflow"),
            STACK_OVERFLOW_CON "base_GHCziIOziException_StackOverflow_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IO.Exception.StackOverflow"),
            USER_INTERRUPT_CON "base_GHCziIOziException_UserInterrupt_con" CONSTR_0_1
                Con(0, 0, 3, "base:GHC.IO.Exception.UserInterrupt"),
            NON_TERMINATION_CON "base_ControlziExceptionziBase_NonTermination_con" CONSTR_0_1
                Con(0, 0, 0, "base:Control.Exception.Base.NonTermination"),
            DIV_ZERO_CON "base_GHCziExceptionziType_DivideByZZero_con" CONSTR_0_1
                Con(0, 0, 3, "base:GHC.Exception.Type.DivideByZero"),
            OVERFLOW_CON "base_GHCziExceptionziType_Overflow_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.Exception.Type.Overflow"),
            UNDERFLOW_CON "base_GHCziExceptionziType_Underflow_con" CONSTR_0_1
                Con(0, 0, 1, "base:GHC.Exception.Type.Underflow"),
            BLOCKED_ON_MVAR_CON "base_GHCziIOziException_BlockedIndefinitelyOnMVar_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IO.Exception.BlockedIndefinitelyOnMVar"),
            BLOCKED_ON_STM_CON "base_GHCziIOziException_BlockedIndefinitelyOnSTM_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IO.Exception.BlockedIndefinitelyOnSTM"),
            ALLOCATION_LIMIT_CON "base_GHCziIOziException_AllocationLimitExceeded_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IO.Exception.AllocationLimitExceeded"),
            NESTED_ATOMICALLY_CON "base_ControlziExceptionziBase_NestedAtomically_con" CONSTR_0_1
                Con(0, 0, 0, "base:Control.Exception.Base.NestedAtomically"),
            COMPACTION_FAILED_CON "base_GHCziIOziException_CompactionFailed_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IO.Exception.CompactionFailed"),
            DOUBLE_READ_CON "base_GHCziIOPort_IOPortException_con" CONSTR_0_1
                Con(0, 0, 0, "base:GHC.IOPort.IOPortException"),
            // What a thunk raises whose evaluation ended in a trap.
            CRASH_CON "bcvm_Crash_con" CONSTR_0_1 Con(0, 0, 0, "bcvm:Crash"),
            // Go on with that field of the constructor returned.
            STG_SELECT_FRAME "bcvm_select_frame" RET_SMALL Frame("n"),
            // A known function waits for its only argument.
            STG_ONLY_FRAME "bcvm_only_frame" RET_SMALL Frame("p"),
            // A known function waits for the second of three arguments, having the others; for the third one.
            STG_MIDDLE_FRAME "bcvm_middle_frame" RET_SMALL Frame("ppp"),
            STG_THIRD_FRAME "bcvm_third_frame" RET_SMALL Frame("ppp"),
            // The same with the number of a function of numbers: see `interp::operand`.
            STG_NUMBER_FIRST_FRAME "bcvm_number_first_frame" RET_SMALL Frame("npp"),
            STG_NUMBER_SECOND_FRAME "bcvm_number_second_frame" RET_SMALL Frame("npp"),
            // Apply the function to the value returned; write that to the variable.
            STG_STRICT_FRAME "bcvm_strict_frame" RET_SMALL Frame("p"),
            STG_WRITE_FRAME "bcvm_write_frame" RET_SMALL Frame("p"),
            // Put what an IO action returns into the MVar; put the value back there: see `interp::mvars`.
            STG_PUT_FRAME "bcvm_put_frame" RET_SMALL Frame("p"),
            STG_PUT_BACK_FRAME "bcvm_put_back_frame" RET_SMALL Frame("pp"),
            // Loops of actions, over a list that is evaluated, or while one runs, and by number: see `interp::each`.
            STG_LIST_FRAME "bcvm_list_frame" RET_SMALL Frame("pp"),
            STG_EACH_FRAME "bcvm_each_frame" RET_SMALL Frame("pp"),
            STG_TIMES_FRAME "bcvm_times_frame" RET_SMALL Frame("np"),
        }
    };
}

macro_rules! declare {
    ($($name:ident $symbol:literal $type:ident $layout:ident $args:tt,)*) => {
        /// A built-in entry; its number is its position in the table.
        #[allow(non_camel_case_types, missing_docs)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u16)]
        pub enum Entry {
            $($name,)*
        }

        /// Every entry, in order.
        pub const ENTRIES: &[Row] = &[
            $(Row { entry: Entry::$name, symbol: $symbol, closure_type: ClosureType::$type, layout: Layout::$layout $args },)*
        ];

        /// The info pointers, for `match`.
        #[allow(missing_docs)]
        pub mod info {
            use super::{Entry, InfoPtr};
            $(pub const $name: InfoPtr = Entry::$name.info();)*
        }
    };
}

/// A row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which entry.
    pub entry: Entry,
    /// GHC's symbol, without `_info`.
    pub symbol: &'static str,
    /// What the info table describes.
    pub closure_type: ClosureType,
    /// How its payload is laid out.
    pub layout: Layout,
}

for_each_entry!(declare);

impl Entry {
    /// Its info pointer.
    pub const fn info(self) -> InfoPtr {
        InfoPtr(map::ENTRIES + self as u32 * STRIDE + AT)
    }

    /// Its slot in the function table; slot 0 is none.
    pub const fn slot(self) -> u32 {
        self as u32 + 1
    }

    /// The entry whose info pointer is `info`.
    #[inline(always)]
    pub fn from_info(info: InfoPtr) -> Option<Entry> {
        let at = info.0.wrapping_sub(map::ENTRIES + AT);
        if !at.is_multiple_of(STRIDE) {
            return None;
        }
        ENTRIES.get((at / STRIDE) as usize).map(|row| row.entry)
    }
}

/// The first address behind the entries.
pub const END: u32 = map::ENTRIES + ENTRIES.len() as u32 * STRIDE;

/// The table slot of the entry code of an interpreted constructor whose pointers carry `tag`.
pub fn interp_constr_slot(tag: u32) -> u32 {
    Entry::STG_INTERP_CONSTR1.slot() + tag.clamp(1, 7) - 1
}
