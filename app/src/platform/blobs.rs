//! Files in an object store. (Interface first; the file room fills it.)

#[derive(Clone)]
pub struct Blobs;
