//! Disassembly of what was found to be code, for people.

use iced_x86::{Formatter, Instruction, IntelFormatter, OpKind};

use super::flow::{Flow, flow};
use super::names::Names;
use super::object::Analysis;

/// Bytes of an instruction that are shown; longer ones are rare.
const SHOWN_BYTES: usize = 10;

/// Addresses that an instruction names: where it goes, what it reads or computes, constants.
fn mentioned(i: &Instruction) -> impl Iterator<Item = u64> {
    let target = (i.op0_kind() == OpKind::NearBranch64).then(|| i.near_branch_target());
    let place = i.is_ip_rel_memory_operand().then(|| i.ip_rel_memory_address());
    let displacement = Some(i.memory_displacement64()).filter(|&at| at != 0);
    let constant = i.op_kinds().any(|kind| kind == OpKind::Immediate32to64).then(|| i.immediate32to64() as u64);
    [target, place, displacement, constant].into_iter().flatten()
}

impl Analysis<'_> {
    /// The code between two addresses, one instruction a line; what is no code, such as info tables, is left out.
    pub fn disassemble(&self, start: u32, end: u32) -> Vec<String> {
        let mut names = Names::new(self.placed);
        names.add_undefined(self.placed);
        let mut formatter = IntelFormatter::new();
        let mut lines = Vec::new();
        let first = self.found.leaders.partition_point(|&leader| leader < start);
        for (n, &leader) in self.found.leaders.iter().enumerate().skip(first) {
            if leader >= end {
                break;
            }
            if let Some(name) = names.exactly(leader) {
                lines.push(format!("{name}:"));
            }
            let next = self.found.leaders.get(n + 1).copied().unwrap_or(u32::MAX).min(end);
            let mut at = leader;
            while at < next {
                let i = self.code.decode(at);
                if i.is_invalid() {
                    lines.push(format!("  {at:08x}  (no instruction)"));
                    break;
                }
                let bytes = self.code.bytes_from(at).unwrap_or_default();
                let hex: String =
                    bytes.iter().take(i.len().min(SHOWN_BYTES)).map(|byte| format!("{byte:02x} ")).collect();
                let mut text = String::new();
                formatter.format(&i, &mut text);
                let name = mentioned(&i).find_map(|address| names.exactly(u32::try_from(address).ok()?));
                if let Some(name) = name {
                    text.push_str(&format!("  ; {name}"));
                }
                lines.push(format!("  {at:08x}  {hex:<30} {text}"));
                at += i.len() as u32;
                if !matches!(flow(&i), Flow::Next | Flow::Branch(_)) {
                    break;
                }
            }
        }
        lines
    }
}
