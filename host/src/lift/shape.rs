//! One function's blocks as structured control flow.

// Note [Structured control flow]
// ~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
// A function's blocks form a dominator tree, and its flow is reducible (Note [Splitting functions]).
// A block is emitted with everything it dominates:
//
//   loop                         if some edge comes back to it
//     block ... block            one for each child where several ways meet, the last one outermost
//       the block's code         its jumps leave a wasm block to reach such a child, or come back to a loop;
//                                a child with a single way in is emitted right at the jump
//     end  the first child  end  the next child ...
//   end
//
// Children come in reverse postorder, so every forward jump leaves outwards. No way falls off the end of
// anything: each ends in a branch, a tail call, a return or a trap.

use std::collections::HashMap;

use iced_x86::Instruction;
use wasm_encoder::{BlockType, MemArg};

use super::blocks::{BlockId, Blocks, Target, Terminator, flags_needed};
use super::code::Code;
use super::convention::POLL_WORD;
use super::cycles::{COPIES, Cycles};
use super::discover::Discovery;
use super::dominators::NONE;
use super::emit::{Emitter, Temp};
use super::error::Reason;
use super::exit;
use super::flags::{Flags, Source};
use super::heads::Heads;
use super::live::Liveness;
use super::operand::Extend;
use super::regs::{Reg, RegSet, Width};
use super::x86;

/// What all functions of an object share.
pub struct Program<'p> {
    /// The code.
    pub code: &'p Code<'p>,
    /// Entries and tables.
    pub found: &'p Discovery,
    /// Blocks.
    pub blocks: &'p Blocks,
    /// Functions.
    pub heads: &'p Heads,
    /// Liveness.
    pub live: &'p Liveness,
    /// Children in the dominator tree, in reverse postorder.
    pub children: &'p [Vec<BlockId>],
    /// Loops.
    pub cycles: &'p Cycles,
    /// For each head, its wasm function and parameters; empty parameters for others.
    pub functions: &'p [Option<Head>],
}

/// A head's function.
#[derive(Debug, Clone)]
pub struct Head {
    /// The wasm index.
    pub index: u32,
    /// Its parameters in order.
    pub params: Vec<Reg>,
}

/// What can be branched to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Label {
    /// The end of an `if`, or of a block used locally.
    Other,
    /// Leaving it reaches this block.
    Before(BlockId),
    /// Branching to it repeats this block.
    Loop(BlockId),
}

/// Emits one function.
pub struct Shaper<'p, 'e> {
    program: &'p Program<'p>,
    e: Emitter<'e>,
    head: BlockId,
    labels: Vec<Label>,
    /// Where each label but [`Label::Other`] is in `labels`.
    positions: HashMap<Label, usize>,
    instructions: Vec<Instruction>,
    /// Gets an id for a place that was not translated.
    trap: &'p mut dyn FnMut(u32, Reason) -> u32,
}

impl<'p, 'e> Shaper<'p, 'e> {
    /// Emits the function of `head` with `e`, which has its parameters.
    pub fn emit(
        program: &'p Program<'p>,
        e: Emitter<'e>,
        head: BlockId,
        trap: &'p mut dyn FnMut(u32, Reason) -> u32,
    ) -> Emitter<'e> {
        let mut shaper =
            Shaper { program, e, head, labels: Vec::new(), positions: HashMap::new(), instructions: Vec::new(), trap };
        shaper.enter();
        shaper.tree(head, Flags::default());
        shaper.e.w().unreachable().end();
        shaper.e
    }

    /// Loads registers that live in globals.
    fn enter(&mut self) {
        let kind = self.program.blocks.get(self.head).kind;
        for reg in self.program.live.live_in[self.head as usize].and(kind.homed()).iter() {
            if let Some(home) = super::convention::home_index(reg) {
                let local = self.e.reg_local(reg);
                self.e.w().global_get(home).local_set(local);
            }
        }
        let cycles = self.program.cycles;
        let polls_later = cycles.loops[self.head as usize] || self.program.blocks.get(self.head).effects.stores;
        if cycles.heads[self.head as usize] && !polls_later {
            self.poll(self.head);
        }
    }

    /// See Note [Every cycle touches memory] in `cycles`. What is stored matters to nobody, and a register that is
    /// needed anyway costs nothing to name.
    fn poll(&mut self, id: BlockId) {
        let mem = MemArg { offset: 0, align: 0, memory_index: 0 };
        let live = self.program.live.live_in[id as usize];
        let value = live.iter().find(|&reg| reg.is_general() && reg != Reg::R13);
        self.e.w().i32_const(POLL_WORD as i32);
        match value {
            Some(reg) => self.e.get(reg),
            None => {
                self.e.w().i64_const(0);
            }
        }
        self.e.w().i64_store8(mem);
    }

    /// Whether `id` is reached by branches to a label rather than emitted where it is jumped to.
    fn is_labelled(&self, id: BlockId) -> bool {
        self.program.heads.forward[id as usize] > 1 || self.program.cycles.behind[id as usize] || {
            let above = self.program.heads.dominators.idom[id as usize];
            above != NONE
                && matches!(
                    self.program.blocks.get(above).end,
                    Terminator::Table(_) | Terminator::Computed(_) | Terminator::Guessed(_)
                )
        }
    }

    /// Notes that a wasm block begins.
    fn open(&mut self, label: Label) {
        self.positions.insert(label, self.labels.len());
        self.labels.push(label);
    }

    /// Notes that the innermost wasm block ended.
    fn close(&mut self) {
        if let Some(label) = self.labels.pop() {
            self.positions.remove(&label);
        }
    }

    /// Emits a block and everything it dominates.
    fn tree(&mut self, id: BlockId, flags: Flags) {
        let program = self.program;
        if let Some(behind) = program.cycles.unrolled.get(&id) {
            return self.unrolled(id, behind);
        }
        let is_loop = program.heads.is_loop[id as usize];
        if is_loop {
            self.e.w().loop_(BlockType::Empty);
            self.open(Label::Loop(id));
            if program.cycles.loops[id as usize] {
                self.poll(id);
            }
        }
        self.once(id, if is_loop { Flags::default() } else { flags });
        if is_loop {
            self.e.w().end();
            self.close();
        }
    }

    /// Emits a block and everything it dominates, except what comes behind an unrolled loop that it belongs to.
    fn once(&mut self, id: BlockId, flags: Flags) {
        let children = self.program.children[id as usize].iter().copied();
        let labelled: Vec<BlockId> =
            children.filter(|&child| self.is_labelled(child) && !self.program.cycles.behind[child as usize]).collect();
        self.before(&labelled, |shaper| shaper.block(id, flags));
    }

    /// Emits `first`, which may branch to `labelled`, and then these with everything they dominate.
    fn before(&mut self, labelled: &[BlockId], first: impl FnOnce(&mut Self)) {
        for &child in labelled.iter().rev() {
            self.e.w().block(BlockType::Empty);
            self.open(Label::Before(child));
        }
        first(self);
        for &child in labelled {
            self.e.w().end();
            self.close();
            self.tree(child, Flags::default());
        }
    }

    /// See Note [Rounds per poll] in `cycles`.
    fn unrolled(&mut self, id: BlockId, behind: &[BlockId]) {
        self.before(behind, |shaper| {
            shaper.e.w().loop_(BlockType::Empty);
            shaper.open(Label::Loop(id));
            shaper.poll(id);
            let repeat = shaper.labels.len() - 1;
            for _ in 1..COPIES {
                shaper.e.w().block(BlockType::Empty);
                shaper.open(Label::Loop(id));
                shaper.once(id, Flags::default());
                shaper.e.w().end();
                shaper.close();
                shaper.positions.insert(Label::Loop(id), repeat);
            }
            shaper.once(id, Flags::default());
            shaper.e.w().end();
            shaper.close();
        });
    }

    /// Emits one block: its instructions, then its end.
    fn block(&mut self, id: BlockId, flags: Flags) {
        let program = self.program;
        let block = program.blocks.get(id);
        let live_out = program.live.live_out[id as usize].and(RegSet::FLAGS);
        let mut instructions = std::mem::take(&mut self.instructions);
        instructions.clear();
        let mut at = block.start;
        while at < block.last {
            let i = program.code.decode(at);
            at = at.wrapping_add(i.len() as u32);
            instructions.push(i);
        }
        // A jump that was cut off into a trap is not decoded; a plain fall-through has no last instruction.
        let has_last = !matches!(block.end, Terminator::Trap(_)) && block.instructions as usize > instructions.len();
        if has_last {
            instructions.push(program.code.decode(block.last));
        }
        let needed = flags_needed(&instructions, live_out);
        self.e.flags = flags;
        self.e.known_rax = None;
        let body = instructions.len() - usize::from(has_last);
        for index in 0..body {
            self.e.flags.needed = needed[index];
            if let Err(reason) = x86::emit(&mut self.e, &instructions[index]) {
                // The scan emitted the same, so this cannot be; a trap is right anyway.
                let trap = (self.trap)(instructions[index].ip() as u32, reason);
                exit::leave_trap(&mut self.e, trap);
            }
        }
        let last = has_last.then(|| instructions[body]);
        self.instructions = instructions;
        self.end(id, last, live_out);
    }

    /// Emits the end of a block.
    fn end(&mut self, id: BlockId, last: Option<Instruction>, live_out: RegSet) {
        let program = self.program;
        let block = program.blocks.get(id);
        let dirty = program.live.dirty_out[id as usize];
        // The condition is fused with what set the flags, so its state is kept from before.
        let before = self.e.flags;
        self.settle_flags(id, live_out);
        let condition_flags = if live_out.is_empty() { self.e.flags } else { before };
        match (&block.end, last) {
            (Terminator::Goto(target), _) => self.jump(id, *target, dirty),
            (Terminator::Branch { taken, next }, Some(i)) => {
                let after = std::mem::replace(&mut self.e.flags, condition_flags);
                self.e.push_condition(i.condition_code());
                self.e.flags = after;
                self.branch(id, *taken, *next, dirty);
            }
            (Terminator::Table(table), Some(i)) => self.table(id, *table, &i, dirty),
            (Terminator::Computed(targets), Some(i)) => {
                if self.e.push(&i, 0, Width::W64, Extend::Any).is_ok() {
                    self.e.set_temp(Temp::D64);
                    self.search(id, targets, dirty);
                }
                exit::leave_to_address(&mut self.e, dirty);
            }
            (Terminator::Guessed(targets), Some(i)) => {
                if self.e.push(&i, 0, Width::W64, Extend::Any).is_ok() {
                    self.e.set_temp(Temp::D64);
                    targets.iter().for_each(|&to| self.guess(id, to, dirty));
                }
                exit::leave_to_address(&mut self.e, dirty);
            }
            (Terminator::Indirect, Some(i)) => self.leave_indirect(&i, dirty),
            (Terminator::Return, _) => exit::leave_return(&mut self.e),
            (Terminator::Trap(reason), _) => {
                let trap = (self.trap)(block.last, *reason);
                exit::leave_trap(&mut self.e, trap);
            }
            (Terminator::NoReturn, _) | (_, None) => {
                self.e.w().unreachable();
            }
        }
    }

    fn leave_indirect(&mut self, i: &Instruction, dirty: RegSet) {
        if exit::leave_indirect(&mut self.e, i, dirty).is_err() {
            // Scanning refused such a jump, so this is not reached; a trap is right anyway.
            self.e.w().unreachable();
        }
    }

    /// Puts live flags into their locals where a successor cannot know how they were produced.
    fn settle_flags(&mut self, id: BlockId, live_out: RegSet) {
        if live_out.is_empty() {
            return;
        }
        for &to in self.program.heads.graph.of(id) {
            let inherits = self.same_function(to) && !self.is_labelled(to) && !self.is_back_edge(id, to);
            if inherits && !self.program.heads.is_loop[to as usize] {
                continue;
            }
            let flags = self.program.live.live_in[to as usize].and(live_out);
            for flag in flags.iter() {
                if self.e.flags.source(flag) != Source::Local {
                    self.e.materialise(flag);
                }
            }
        }
    }

    fn same_function(&self, id: BlockId) -> bool {
        self.program.heads.owner[id as usize] == self.head
    }

    fn is_back_edge(&self, from: BlockId, to: BlockId) -> bool {
        self.same_function(to) && self.program.heads.retreats(from, to)
    }

    /// The label to branch to for `to`, if that is how it is reached.
    fn label(&self, from: BlockId, to: BlockId) -> Option<u32> {
        if !self.same_function(to) {
            return None;
        }
        let wanted = if self.is_back_edge(from, to) {
            Label::Loop(to)
        } else if self.is_labelled(to) {
            Label::Before(to)
        } else {
            return None;
        };
        let position = self.positions.get(&wanted)?;
        Some((self.labels.len() - 1 - position) as u32)
    }

    fn jump(&mut self, from: BlockId, target: Target, dirty: RegSet) {
        let to = match target {
            Target::Outside(address) => return exit::leave_outside(&mut self.e, address, dirty),
            Target::Block(to) => to,
        };
        if let Some(depth) = self.label(from, to) {
            self.e.w().br(depth);
        } else if self.same_function(to) {
            let flags = self.e.flags;
            self.tree(to, flags);
        } else if let Some(head) = &self.program.functions[to as usize] {
            exit::leave_to(&mut self.e, head.index, &head.params, dirty);
        } else {
            self.e.w().unreachable();
        }
    }

    /// A two-way branch on the condition on the stack.
    fn branch(&mut self, from: BlockId, taken: Target, next: Target, dirty: RegSet) {
        let label = |shaper: &Self, target| match target {
            Target::Block(to) => shaper.label(from, to),
            Target::Outside(_) => None,
        };
        if let Some(depth) = label(self, taken) {
            self.e.w().br_if(depth);
            return self.jump(from, next, dirty);
        }
        if let Some(depth) = label(self, next) {
            self.e.w().i32_eqz().br_if(depth);
            return self.jump(from, taken, dirty);
        }
        let flags = self.e.flags;
        self.e.w().if_(BlockType::Empty);
        self.open(Label::Other);
        self.jump(from, taken, dirty);
        self.e.w().end();
        self.close();
        self.e.flags = flags;
        self.jump(from, next, dirty);
    }

    /// A jump through a table, on the register that selects the entry.
    fn table(&mut self, from: BlockId, table: u32, i: &Instruction, dirty: RegSet) {
        let program = self.program;
        let entries = program.found.tables.absolute(table).unwrap_or_default();
        let kind = program.blocks.get(from).kind;
        let target = |place: Option<u32>| {
            place.and_then(|place| program.blocks.at(place)).filter(|&id| program.blocks.get(id).kind == kind)
        };
        // Heads of other functions are left for from blocks of their own; the innermost one is for holes.
        let mut foreign: Vec<BlockId> =
            entries.iter().filter_map(|&place| target(place)).filter(|&to| self.label(from, to).is_none()).collect();
        foreign.sort_unstable();
        foreign.dedup();
        for _ in 0..=foreign.len() {
            self.e.w().block(BlockType::Empty);
            self.open(Label::Other);
        }
        let depths: Vec<u32> = entries
            .iter()
            .map(|&place| match target(place) {
                None => 0,
                Some(to) => match foreign.binary_search(&to) {
                    Ok(position) => position as u32 + 1,
                    Err(_) => self.label(from, to).unwrap_or(0),
                },
            })
            .collect();
        // An index beyond the table, as 64 bits, goes where holes go.
        let Ok(index) = exit::table_index(i) else {
            self.e.w().unreachable();
            return;
        };
        self.e.get(index);
        self.e.w().i32_wrap_i64().i32_const(-1);
        self.e.get(index);
        self.e.w().i64_const(entries.len() as i64).i64_lt_u().select();
        self.e.w().br_table(depths, 0);
        self.e.w().end();
        self.close();
        self.e.w().unreachable();
        for &to in &foreign {
            self.e.w().end();
            self.close();
            self.jump(from, Target::Block(to), dirty);
        }
    }

    /// Goes to `to` if that is the address in D64.
    fn guess(&mut self, from: BlockId, to: BlockId, dirty: RegSet) {
        let start = self.program.blocks.get(to).start;
        self.e.get_temp(Temp::D64);
        self.e.w().i64_const(start.into()).i64_eq();
        if let Some(depth) = self.label(from, to) {
            self.e.w().br_if(depth);
        } else {
            self.e.w().if_(BlockType::Empty);
            self.open(Label::Other);
            self.jump(from, Target::Block(to), dirty);
            self.e.w().end();
            self.close();
        }
    }

    /// Compares the address in D64 with places in this function, by halving; goes on when it is none of them.
    fn search(&mut self, from: BlockId, targets: &[BlockId], dirty: RegSet) {
        let blocks = self.program.blocks;
        if let [to] = targets {
            return self.guess(from, *to, dirty);
        }
        let (low, high) = targets.split_at(targets.len() / 2);
        let Some(&first_high) = high.first() else {
            return;
        };
        self.e.get_temp(Temp::D64);
        self.e.w().i64_const(blocks.get(first_high).start.into()).i64_lt_u().if_(BlockType::Empty);
        self.open(Label::Other);
        self.search(from, low, dirty);
        self.e.w().else_();
        self.search(from, high, dirty);
        self.e.w().end();
        self.close();
    }
}
