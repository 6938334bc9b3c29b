//! Columns.

/// Which way a column is sorted now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sort {
    #[default]
    None,
    Ascending,
    Descending,
}

/// One column's head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    pub numeric: bool,
    pub hidden: bool,
    /// Where a click on the head leads: the same list, sorted by this column.
    pub href: Option<String>,
    pub sort: Sort,
}

impl Column {
    pub fn text(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Right-aligned, with digits of one width. Give its cells the class `num`.
    pub fn number(label: impl Into<String>) -> Self {
        Self {
            numeric: true,
            ..Self::text(label)
        }
    }

    /// A column whose head is only spoken, such as the one with buttons.
    pub fn unseen(label: impl Into<String>) -> Self {
        Self {
            hidden: true,
            ..Self::text(label)
        }
    }

    pub fn sorted(label: impl Into<String>, href: impl Into<String>, sort: Sort) -> Self {
        Self {
            href: Some(href.into()),
            sort,
            ..Self::text(label)
        }
    }
}
