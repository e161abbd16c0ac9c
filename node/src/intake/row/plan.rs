//! A mapping laid over a file's headings, so that nothing is looked for while rows are read.

use crate::intake::{
    date::Epoch,
    field::{Field, SLOTS},
    mapping::Mapping,
    reader::ReadContext,
    recognise::folded,
};

/// A mapping laid over a file's headings.
pub(crate) struct Plan<'a> {
    pub(crate) mapping: &'a Mapping,
    pub(crate) context: ReadContext,
    /// From when a sheet counts days; nothing of a text file.
    pub(super) epoch: Option<Epoch>,
    pub(super) columns: Vec<Position>,
    pub(super) codes: [Vec<Code<'a>>; SLOTS],
}

/// Where a field stands in a row.
pub(super) struct Position {
    pub(super) field: Field,
    pub(super) slot: usize,
    pub(super) at: usize,
    pub(super) required: bool,
}

/// One code of a field's list.
pub(super) struct Code<'a> {
    pub(super) code: &'a str,
    pub(super) folded: String,
    pub(super) word: &'a str,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(
        mapping: &'a Mapping,
        headings: &[String],
        context: ReadContext,
        epoch: Option<Epoch>,
    ) -> Self {
        let place = |name: &str| headings.iter().position(|heading| folded(heading) == folded(name));
        let columns = mapping.columns.iter();
        let columns = columns.filter_map(|column| {
            let (field, slot, at) = (column.field, column.field.slot(), place(&column.heading)?);
            Some(Position { field, slot, at, required: mapping.requires(field) })
        });
        let mut codes = std::array::from_fn(|_| Vec::new());
        for column in &mapping.columns {
            let list = column.field.code_list().and_then(|list| mapping.codes.get(&list));
            let list = list.into_iter().flatten();
            codes[column.field.slot()] =
                list.map(|(code, word)| Code { code, folded: folded(code), word: word.as_str() }).collect();
        }
        Self { mapping, context, epoch, columns: columns.collect(), codes }
    }

    pub(crate) fn ignored(&self, headings: &[String]) -> Vec<String> {
        let is_read = |at: usize| self.columns.iter().any(|column| column.at == at);
        let others = headings.iter().enumerate().filter(|(at, _)| !is_read(*at));
        others.map(|(_, heading)| heading.clone()).collect()
    }

    pub(crate) fn heading(&self, field: Option<Field>) -> Option<String> {
        self.mapping.heading(field?).map(str::to_owned)
    }
}
