//! The frameworks that ship with the program, oldest first.

use std::sync::LazyLock;

use chrono::NaiveDate;

use super::{Framework, FrameworkFaults, plan};

/// Every shipped framework as text, oldest first.
pub(super) const TEXTS: [&str; 4] = [
    include_str!("../../../config/frameworks/phase-1-2012.toml"),
    include_str!("../../../config/frameworks/expanded-2015.toml"),
    include_str!("../../../config/frameworks/expanded-2020.toml"),
    include_str!("../../../config/frameworks/supporting-families-2022.toml"),
];

static ALL: LazyLock<Vec<Framework>> = LazyLock::new(|| {
    let read = |text: &&str| {
        Framework::from_toml(text).expect("the embedded frameworks are read by a test of this module")
    };
    TEXTS.iter().map(read).collect()
});

impl Framework {
    /// Every framework that ships, oldest first.
    pub fn all() -> &'static [Self] {
        &ALL
    }

    /// The shipped framework of a name.
    pub fn by_name(name: &str) -> Option<&'static Self> {
        ALL.iter().find(|framework| framework.name == name)
    }

    /// The shipped framework in force on a day: of several the one that began last.
    pub fn in_force(on: NaiveDate) -> Option<&'static Self> {
        let valid = ALL.iter().filter(|framework| framework.valid.from <= on && on <= framework.valid.to);
        valid.max_by_key(|framework| framework.valid.from)
    }

    /// The framework of the expanded programme from 2015, as it ships.
    pub fn shipped() -> &'static Self {
        Self::by_name("expanded-2015").expect("the embedded frameworks are listed above")
    }

    /// A shipped framework with a borough's outcomes plan over it, named `FRAMEWORK+PLAN`.
    ///
    /// # Errors
    /// Every fault of the plan, and of what the framework would become with it.
    pub fn with_plan(plan: &str) -> Result<Self, FrameworkFaults> {
        plan::apply(plan, &TEXTS)
    }

    /// Reads a framework, or a plan over a shipped one: a plan names its framework by the key `framework`.
    ///
    /// # Errors
    /// Every fault of either.
    pub fn or_plan_from_toml(text: &str) -> Result<Self, FrameworkFaults> {
        if super::parse(text)?.contains_key("framework") {
            Self::with_plan(text)
        } else {
            Self::from_toml(text)
        }
    }
}
