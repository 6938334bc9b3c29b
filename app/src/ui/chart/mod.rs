//! Charts as plain SVG that the server draws and the browser keeps up to date.
//!
//! Bars are placed in percent of their box and text is real text, so a chart is sharp at any width and nothing shifts when
//! figures change. Colours carry the meanings of `Tone`. Behind each stands the same as a table, for those who listen.

mod bar_rows;
mod data;
mod histogram;
mod parts;
mod sparkline;
mod types;

pub use bar_rows::BarRows;
pub use histogram::Histogram;
pub use parts::{Donut, Strip};
pub use sparkline::Sparkline;
pub use types::{Band, BarRow, Bin, Part, percent};
