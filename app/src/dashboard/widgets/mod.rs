//! Parts of the first page.

mod due;
mod grades;
mod landing;
mod teaching;

pub use due::Due;
pub use grades::Grades;
pub use landing::Landing;
pub use teaching::Teaching;
