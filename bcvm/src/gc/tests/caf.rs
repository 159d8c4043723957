//! CAFs: static closures whose value lives in the heap.

use super::mock::Vm;
use crate::entry::table::info;

#[test]
fn a_caf_keeps_its_value() {
    let mut vm = Vm::new();
    let caf = vm.static_closure(info::STG_IND_STATIC, 4);
    let list = vm.list(0..10);
    let hole = vm.object(info::STG_CAF_BLACKHOLE, &[list.word()]);
    vm.mem.set_closure(caf + 8, hole);
    vm.shelf.cafs.push(caf);
    let user = vm.pair(caf.into(), caf.into());
    let user = vm.root(user);
    for i in 0..4 {
        let _ = if i == 2 { vm.major() } else { vm.minor() };
        assert!(vm.list_values(vm.field(vm.get(user), 0)).into_iter().eq(0..10));
    }
    assert_eq!(vm.mem.closure(caf + 8).tag(), 2, "the blackhole is gone");
    vm.shelf.cafs.clear();
    vm.shelf.roots.clear();
    assert_eq!(vm.major().live_words, 0);
}
