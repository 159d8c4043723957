//! The GHC versions whose wire bcvm speaks.
//!
//! Tables (messages, sums, Template Haskell shapes) carry one tag column per version listed here, so a second version
//! is a second column. What a version changes besides tags is not decided here but where the type is declared.

/// A GHC release line, as far as the wire of its interpreter server is concerned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum GhcVersion {
    /// GHC 9.0.2 (template-haskell 2.17).
    #[default]
    V9_0,
}

impl GhcVersion {
    /// Every version, in the order of the tables' columns.
    pub const ALL: [GhcVersion; 1] = [GhcVersion::V9_0];
    /// How many tag columns a table row has.
    pub const COUNT: usize = Self::ALL.len();

    /// The number of this version's column in every table.
    pub const fn column(self) -> usize {
        self as usize
    }

    /// The release as GHC prints it.
    pub const fn name(self) -> &'static str {
        match self {
            GhcVersion::V9_0 => "9.0.2",
        }
    }
}

/// The tags of one row: a number per version, `None` where the version does not have it.
pub type Tags = [Option<u8>; GhcVersion::COUNT];

/// Whether no tag occurs twice in any version's column; the tables assert it while compiling.
pub const fn check_tags_distinct<R>(rows: &[(Tags, R)]) -> bool {
    let mut column = 0;
    while column < GhcVersion::COUNT {
        let mut i = 0;
        while i < rows.len() {
            let mut j = i + 1;
            while j < rows.len() {
                if let (Some(a), Some(b)) = (rows[i].0[column], rows[j].0[column])
                    && a == b
                {
                    return false;
                }
                j += 1;
            }
            i += 1;
        }
        column += 1;
    }
    true
}
