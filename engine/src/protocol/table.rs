//! The table of messages: what GHC can ask of an interpreter server (`GHCi/Message.hs`, `data Message`).
//!
//! A row is: documentation, name, name of the handler's method, tag (one for all versions, or a column per version),
//! fields, type of the reply. A reply of type `()` is no bytes at all. `with th` marks the messages during which the
//! server asks GHC back.
//!
//! From these rows come the message types, [`Message`](super::Message), its codec, [`MessageKind`](super::MessageKind)
//! with names and tags, [`Reply`](super::Reply), the dispatcher and the [`Handler`](crate::server::Handler) trait.

/// Expand `$then!` with `$header` and all rows.
macro_rules! for_each_message {
    ($then:ident $($header:tt)*) => {
        $then! {
            $($header)*
            /// End the session.
            Shutdown shutdown = 0 {} -> ();
            /// Prepare the linker; idempotent.
            InitLinker init_linker = 1 {} -> ();
            /// Address of a symbol of the RTS, of loaded objects or libraries.
            LookupSymbol lookup_symbol = 2 {
                /// Its linker name.
                symbol: HsString,
            } -> Option<RemotePtr>;
            /// A reference to the closure at a symbol, not evaluated.
            LookupClosure lookup_closure = 3 {
                /// Its linker name.
                symbol: HsString,
            } -> Option<HValueRef>;
            /// Load a shared library; answers what went wrong, if anything did.
            LoadDLL load_dll = 4 {
                /// Path, or bare name.
                path: HsString,
            } -> Option<HsString>;
            /// Load a static library.
            LoadArchive load_archive = 5 {
                /// Its path.
                path: HsString,
            } -> ();
            /// Load an object file.
            LoadObj load_obj = 6 {
                /// Its path.
                path: HsString,
            } -> ();
            /// Forget an object file.
            UnloadObj unload_obj = 7 {
                /// Its path.
                path: HsString,
            } -> ();
            /// Search shared libraries there; null on ELF systems.
            AddLibrarySearchPath add_library_search_path = 8 {
                /// The folder.
                path: HsString,
            } -> RemotePtr;
            /// Undo `AddLibrarySearchPath`; false on ELF systems.
            RemoveLibrarySearchPath remove_library_search_path = 9 {
                /// What `AddLibrarySearchPath` answered.
                cookie: RemotePtr,
            } -> bool;
            /// Resolve what the loaded objects refer to; false if something is missing.
            ResolveObjs resolve_objs = 10 {} -> bool;
            /// Path of a system library; nothing on ELF systems.
            FindSystemLibrary find_system_library = 11 {
                /// Its name.
                name: HsString,
            } -> Option<HsString>;
            /// Make byte-code objects, which may refer to each other.
            CreateBCOs create_bcos = 12 {
                /// Each the encoding of a list of `ResolvedBCO`.
                chunks: Vec<BcoChunk>,
            } -> Vec<HValueRef>;
            /// Release references.
            FreeHValueRefs free_hvalue_refs = 13 {
                /// Which.
                refs: Vec<HValueRef>,
            } -> ();
            /// Copy bytes to memory that stays.
            MallocData malloc_data = 14 {
                /// The bytes.
                data: Bytes,
            } -> RemotePtr;
            /// Copy C strings to memory that stays, a zero byte appended to each.
            MallocStrings malloc_strings = 15 {
                /// Their bytes.
                strings: Vec<Bytes>,
            } -> Vec<RemotePtr>;
            /// Describe a foreign function type for `CCALL`.
            PrepFFI prep_ffi = 16 {
                /// Calling convention.
                conv: FFIConv,
                /// Argument types.
                args: Vec<FFIType>,
                /// Result type.
                result: FFIType,
            } -> RemotePtr;
            /// Release what `PrepFFI` made. (GHC never sends it.)
            FreeFFI free_ffi = 17 {
                /// What it answered.
                cif: RemotePtr,
            } -> ();
            /// Make the info table of a constructor.
            MkConInfoTable mk_con_info_table = 18 {
                /// Whether tables stand next to code.
                tables_next_to_code: bool,
                /// Pointer words of the payload.
                ptr_words: i64,
                /// Other words of the payload.
                nptr_words: i64,
                /// The constructor's number, from 0.
                con_tag: i64,
                /// The pointer tag.
                ptr_tag: i64,
                /// `package:Module.Constructor`.
                description: Bytes,
            } -> RemotePtr;
            /// Run a statement.
            EvalStmt eval_stmt = 19 {
                /// How.
                opts: EvalOpts,
                /// An expression of type `IO [a]`.
                expr: EvalExpr,
            } -> EvalStatus<Vec<HValueRef>>;
            /// Go on with a stopped statement.
            ResumeStmt resume_stmt = 20 {
                /// How.
                opts: EvalOpts,
                /// Which.
                resume: ResumeContextRef,
            } -> EvalStatus<Vec<HValueRef>>;
            /// Give up a stopped statement.
            AbandonStmt abandon_stmt = 21 {
                /// Which.
                resume: ResumeContextRef,
            } -> ();
            /// Run an `IO String`.
            EvalString eval_string = 22 {
                /// The action.
                action: HValueRef,
            } -> EvalResult<HsString>;
            /// Run a `String -> IO String`.
            EvalStringToString eval_string_to_string = 23 {
                /// The function.
                function: HValueRef,
                /// Its argument.
                argument: HsString,
            } -> EvalResult<HsString>;
            /// Run an `IO a`.
            EvalIO eval_io = 24 {
                /// The action.
                action: HValueRef,
            } -> EvalResult<()>;
            /// Make cost centres; none without profiling.
            MkCostCentres mk_cost_centres = 25 {
                /// Their module.
                module: HsString,
                /// Name and source span of each.
                centres: Vec<(HsString, HsString)>,
            } -> Vec<RemotePtr>;
            /// Show a cost-centre stack; empty without profiling.
            CostCentreStackInfo cost_centre_stack_info = 26 {
                /// The stack.
                ccs: RemotePtr,
            } -> Vec<HsString>;
            /// Make the breakpoint flags of a module, all off.
            NewBreakArray new_break_array = 27 {
                /// How many.
                size: i64,
            } -> BreakArrayRef;
            /// Switch a breakpoint.
            EnableBreakpoint enable_breakpoint = 28 {
                /// The module's flags.
                array: BreakArrayRef,
                /// Which of them; out of range is ignored.
                index: i64,
                /// On or off.
                enabled: bool,
            } -> ();
            /// Whether a breakpoint is on; false out of range.
            BreakpointStatus breakpoint_status = 29 {
                /// The module's flags.
                array: BreakArrayRef,
                /// Which of them.
                index: i64,
            } -> bool;
            /// A variable of stopped code.
            GetBreakpointVar get_breakpoint_var = 30 {
                /// The `AP_STACK`.
                ap_stack: HValueRef,
                /// Which word of it.
                slot: i64,
            } -> Option<HValueRef>;
            /// Make the state that a module's splices share.
            StartTH start_th = 31 {} -> QStateRef;
            /// Run the finalizers that splices have added.
            RunModFinalizers run_mod_finalizers = 32 {
                /// The module's state.
                state: QStateRef,
                /// The finalizers.
                actions: Vec<QActionRef>,
            } with th -> QResult<()>;
            /// Add an entry to the static-pointer table.
            AddSptEntry add_spt_entry = 33 {
                /// Key.
                fingerprint: Fingerprint,
                /// Value.
                value: HValueRef,
            } -> ();
            /// Run a splice.
            RunTH run_th = 34 {
                /// The module's state.
                state: QStateRef,
                /// The `Q` action.
                splice: HValueRef,
                /// What it makes.
                result_type: THResultType,
                /// Where it stands.
                location: Option<Loc>,
            } with th -> QResult<Bytes>;
            /// Look into a heap object.
            GetClosure get_closure = 35 {
                /// Which.
                value: HValueRef,
            } -> GenClosure<HValueRef>;
            /// Evaluate to weak head normal form.
            Seq seq = 36 {
                /// What.
                value: HValueRef,
            } -> EvalStatus<()>;
            /// Return every CAF of loaded code to its thunk.
            RtsRevertCAFs rts_revert_cafs = 37 {} -> ();
            /// Go on with a stopped `Seq`.
            ResumeSeq resume_seq = 38 {
                /// Which.
                resume: ResumeContextRef,
            } -> EvalStatus<()>;
        }
    };
}

/// Expand `$then!` with the rows of `data THMessage`: what a running splice can ask of GHC. As above, without method
/// names.
macro_rules! for_each_th_message {
    ($then:ident $($header:tt)*) => {
        $then! {
            $($header)*
            /// A fresh name.
            NewName = 0 { base: HsString } -> THResult<Encoded<ast::Name>>;
            /// Report an error or a warning.
            Report = 1 { is_error: bool, text: HsString } -> THResult<()>;
            /// Find what a name means: a type or a value.
            LookupName = 2 { is_type: bool, name: HsString } -> THResult<Option<Encoded<ast::Name>>>;
            /// What is known of a name.
            Reify = 3 { name: Encoded<ast::Name> } -> THResult<Encoded<ast::Info>>;
            /// Its fixity.
            ReifyFixity = 4 { name: Encoded<ast::Name> } -> THResult<Option<Encoded<ast::Fixity>>>;
            /// Instances of a class or family at some types.
            ReifyInstances = 5 { name: Encoded<ast::Name>, types: Vec<Encoded<ast::Type>> } -> THResult<Vec<Encoded<ast::Dec>>>;
            /// Roles of a type's parameters.
            ReifyRoles = 6 { name: Encoded<ast::Name> } -> THResult<Vec<Encoded<ast::Role>>>;
            /// Annotations of one type.
            ReifyAnnotations = 7 { target: Encoded<ast::AnnLookup>, rep: Encoded<ast::SomeTypeRep> } -> THResult<Vec<Bytes>>;
            /// Imports of a module.
            ReifyModule = 8 { module: Encoded<ast::Module> } -> THResult<Encoded<ast::ModuleInfo>>;
            /// Strictness of a constructor's fields.
            ReifyConStrictness = 9 { name: Encoded<ast::Name> } -> THResult<Vec<Encoded<ast::DecidedStrictness>>>;
            /// Recompile when a file changes.
            AddDependentFile = 10 { path: HsString } -> THResult<()>;
            /// Name of a fresh temporary file.
            AddTempFile = 11 { suffix: HsString } -> THResult<HsString>;
            /// Add declarations to the module.
            AddTopDecls = 12 { decs: Vec<Encoded<ast::Dec>> } -> THResult<()>;
            /// Whether an extension is on.
            IsExtEnabled = 13 { extension: Extension } -> THResult<bool>;
            /// All extensions that are on.
            ExtsEnabled = 14 {} -> THResult<Vec<Extension>>;
            /// From here on errors may be taken back.
            StartRecover = 15 {} -> ();
            /// Keep or take back what happened since `StartRecover`.
            EndRecover = 16 { failed: bool } -> ();
            /// Fail if errors were reported.
            FailIfErrs = 17 {} -> THResult<()>;
            /// The splice is over; the reply to its message follows.
            RunTHDone = 18 {} -> ();
            /// Run an action when the module is done.
            AddModFinalizer = 19 { action: QActionRef } -> THResult<()>;
            /// Compile and link a foreign file.
            AddForeignFilePath = 20 { language: ForeignSrcLang, path: HsString } -> THResult<()>;
            /// Use a Core plugin.
            AddCorePlugin = 21 { module: HsString } -> THResult<()>;
            /// Type of a name.
            ReifyType = 22 { name: Encoded<ast::Name> } -> THResult<Encoded<ast::Type>>;
        }
    };
}

pub(crate) use {for_each_message, for_each_th_message};
