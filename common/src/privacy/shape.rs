//! What one stream counts: a total, places, and sets of labels; and what one family adds to it.

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::Every;

/// How the labels of a set may be present on a family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum LabelKind {
    /// Each label is present or not; counted as Σ ±1, so every family has squared length n.
    Many,
    /// Exactly one of the labels; counted as is, so every family has squared length 1.
    One,
    /// A whole number from 0 to `most`, under one name and never by place; s counts as 2s − most, so every family
    /// has a squared length of most² or less.
    Score {
        /// The best score.
        most: u32,
    },
}

/// A set of labels by which a stream is counted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LabelSet {
    /// Its name, such as `problem`.
    pub name: String,
    /// How its labels may be present.
    pub kind: LabelKind,
    /// The labels, in their order.
    pub labels: Vec<String>,
    /// Whether the labels are also counted by place.
    pub by_place: bool,
}

/// One stream in one borough: its number of places and its label sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamShape {
    places: usize,
    by_place: bool,
    places_every: Every,
    label_sets: Vec<LabelSet>,
}

/// One group of cells that share a noise scale.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// What the cells are.
    pub kind: GroupKind,
    /// How many cells there are.
    pub cells: usize,
    /// The exact squared length of any family's contribution to this group; for a score, the largest.
    pub l2_squared: u64,
    /// How often it is released.
    pub every: Every,
}

/// What the cells of a group are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GroupKind {
    /// N: one cell.
    Total,
    /// N_w: one cell a place.
    Place,
    /// One cell a label of the set with this index.
    Label(usize),
    /// One cell a place and label of the set with this index, place by place.
    LabelByPlace(usize),
}

/// What one family adds to a stream in its quarter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contribution {
    /// The place's index; the last place is *not known or elsewhere*.
    pub place: usize,
    /// One value a label set, in the order of the sets.
    pub labels: Vec<LabelValue>,
}

/// The labels of one set that a family has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LabelValue {
    /// The indices of the labels that are recorded; what is not recorded counts as −1, never as absent.
    Many(Vec<usize>),
    /// The index of the one label.
    One(usize),
    /// The score, cut to its range for this family by itself.
    Score(u32),
}

/// Whole numbers, group by group, in the order of [`StreamShape::groups`].
pub type Table = Vec<Vec<i64>>;

/// Why a contribution does not fit its stream.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ShapeError {
    /// The place is not in the list.
    #[error("place {place} was given, expected less than {places}")]
    NoSuchPlace {
        /// Index given.
        place: usize,
        /// Places there are.
        places: usize,
    },
    /// The number of label values differs from the number of label sets.
    #[error("{given} label values were given, expected {expected}")]
    WrongSets {
        /// Values given.
        given: usize,
        /// Sets there are.
        expected: usize,
    },
    /// A value does not fit its set.
    #[error("the value for label set {set:?} does not fit it: expected {expected}")]
    WrongValue {
        /// Name of the set.
        set: String,
        /// What was expected.
        expected: &'static str,
    },
    /// A sum left 64 bits.
    #[error("a tally leaves the range of exact arithmetic")]
    OutOfRange,
}

impl StreamShape {
    /// A shape over `places` places, the last being *not known or elsewhere*.
    pub fn new(places: usize, label_sets: Vec<LabelSet>) -> Self {
        Self { places, by_place: true, places_every: Every::Quarter, label_sets }
    }

    /// A shape that is counted in the borough as a whole only: no group of it is by place.
    pub fn in_borough(places: usize, label_sets: Vec<LabelSet>) -> Self {
        Self { places, by_place: false, places_every: Every::Quarter, label_sets }
    }

    /// The same shape, its groups by place released so often; those of the borough are every quarter.
    pub fn with_places_every(self, places_every: Every) -> Self {
        Self { places_every, ..self }
    }

    /// How often the groups by place are released.
    pub fn places_every(&self) -> Every {
        self.places_every
    }

    /// Whether it is counted by place.
    pub fn is_by_place(&self) -> bool {
        self.by_place
    }

    /// The index of each label set's first group.
    pub fn first_groups(&self) -> Vec<usize> {
        let first = 1 + usize::from(self.by_place);
        let sets = self.label_sets.iter().scan(first, |next, set| {
            let at = *next;
            *next += 1 + usize::from(set.by_place);
            Some(at)
        });
        sets.collect()
    }

    /// W, the number of places, *not known or elsewhere* included.
    pub fn places(&self) -> usize {
        self.places
    }

    /// The label sets.
    pub fn label_sets(&self) -> &[LabelSet] {
        &self.label_sets
    }

    /// The groups in their one order: total, places, then each set's labels and labels by place.
    pub fn groups(&self) -> Vec<Group> {
        let group = |kind, cells, l2_squared| {
            let by_place = matches!(kind, GroupKind::Place | GroupKind::LabelByPlace(_));
            let every = if by_place { self.places_every } else { Every::Quarter };
            Group { kind, cells, l2_squared, every }
        };
        let mut groups = vec![group(GroupKind::Total, 1, 1)];
        if self.by_place {
            groups.push(group(GroupKind::Place, self.places, 1));
        }
        for (at, set) in self.label_sets.iter().enumerate() {
            let l2_squared = set.l2_squared();
            groups.push(group(GroupKind::Label(at), set.labels.len(), l2_squared));
            if set.by_place {
                groups.push(group(GroupKind::LabelByPlace(at), self.places * set.labels.len(), l2_squared));
            }
        }
        groups
    }

    /// A table of zeros.
    pub fn empty_table(&self) -> Table {
        self.groups().iter().map(|group| vec![0; group.cells]).collect()
    }

    /// Whether a table has this shape's groups and cells.
    pub fn fits(&self, table: &Table) -> bool {
        let groups = self.groups();
        table.len() == groups.len()
            && table.iter().zip(&groups).all(|(cells, group)| cells.len() == group.cells)
    }

    /// Whether released values have the groups and cells that a quarter's release has: every group that is due,
    /// and nothing in the place of one that is not.
    pub fn fits_release(&self, values: &Table, ends_year: bool) -> bool {
        let groups = self.groups();
        let cells = |group: &Group| if group.is_due(ends_year) { group.cells } else { 0 };
        values.len() == groups.len()
            && values.iter().zip(&groups).all(|(values, group)| values.len() == cells(group))
    }

    /// Adds one family to a table of this shape.
    ///
    /// # Privacy
    /// The table changes by a vector that depends on this contribution alone, and whose squared length in
    /// each group is exactly that group's `l2_squared`, or for a score at most that.
    ///
    /// # Errors
    /// Where the contribution does not fit; the table is then unchanged.
    pub fn add(&self, table: &mut Table, contribution: &Contribution) -> Result<(), ShapeError> {
        self.check(contribution)?;
        let (place, mut at) = (contribution.place, 1 + usize::from(self.by_place));
        let mut changes = vec![(0, 0, 1)];
        if self.by_place {
            changes.push((1, place, 1));
        }
        for (set, value) in self.label_sets.iter().zip(&contribution.labels) {
            let step = |label| match value {
                LabelValue::Many(present) => Some(if present.contains(&label) { 1 } else { -1 }),
                LabelValue::One(one) => (*one == label).then_some(1),
                LabelValue::Score(score) => Some(2 * i64::from(*score) - i64::from(set.most())),
            };
            let steps: Vec<(usize, i64)> =
                (0..set.labels.len()).filter_map(|label| step(label).map(|by| (label, by))).collect();
            changes.extend(steps.iter().map(|&(label, by)| (at, label, by)));
            at += 1;
            if set.by_place {
                changes.extend(steps.iter().map(|&(label, by)| (at, place * set.labels.len() + label, by)));
                at += 1;
            }
        }
        if changes.iter().any(|&(group, cell, by)| table[group][cell].checked_add(by).is_none()) {
            return Err(ShapeError::OutOfRange);
        }
        for (group, cell, by) in changes {
            table[group][cell] += by;
        }
        Ok(())
    }

    fn check(&self, contribution: &Contribution) -> Result<(), ShapeError> {
        let places = self.places;
        if contribution.place >= places {
            return Err(ShapeError::NoSuchPlace { place: contribution.place, places });
        }
        let (given, expected) = (contribution.labels.len(), self.label_sets.len());
        if given != expected {
            return Err(ShapeError::WrongSets { given, expected });
        }
        for (set, value) in self.label_sets.iter().zip(&contribution.labels) {
            let refuse = |expected| Err(ShapeError::WrongValue { set: set.name.clone(), expected });
            match (set.kind, value) {
                (LabelKind::Many, LabelValue::Many(present)) => {
                    let known = present.iter().all(|&label| label < set.labels.len());
                    let once = present.windows(2).all(|pair| pair[0] < pair[1]);
                    if !known || !once {
                        return refuse("known labels in ascending order, each once");
                    }
                }
                (LabelKind::One, LabelValue::One(label)) if *label < set.labels.len() => {}
                (LabelKind::Score { most }, LabelValue::Score(score)) if *score <= most => {}
                (LabelKind::Score { .. }, _) => return refuse("a score within its range"),
                (LabelKind::One, _) => return refuse("exactly one known label"),
                (LabelKind::Many, _) => return refuse("the list of the labels present"),
            }
        }
        Ok(())
    }
}

impl Group {
    /// Whether it is part of a quarter's release; a quarter that ends a year has every group.
    pub fn is_due(&self, ends_year: bool) -> bool {
        ends_year || self.every == Every::Quarter
    }
}

impl LabelSet {
    /// The squared length of any family's contribution to one group of this set.
    pub fn l2_squared(&self) -> u64 {
        match self.kind {
            LabelKind::Many => self.labels.len() as u64,
            LabelKind::One => 1,
            LabelKind::Score { most } => u64::from(most).pow(2),
        }
    }

    /// A cell of a table as it is read: the families that have a label, or the sum of their scores, where `all` is the
    /// table's number of families.
    pub fn families(&self, all: i64, cell: i64) -> i64 {
        match self.kind {
            LabelKind::Many => (all + cell) / 2,
            LabelKind::One => cell,
            LabelKind::Score { most } => (i64::from(most) * all + cell) / 2,
        }
    }

    /// The best score; 0 for labels.
    pub fn most(&self) -> u32 {
        match self.kind {
            LabelKind::Score { most } => most,
            LabelKind::Many | LabelKind::One => 0,
        }
    }
}
