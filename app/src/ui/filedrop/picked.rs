//! A file the reader picked. Real in the browser; on the server there is never one.

#[cfg(feature = "hydrate")]
mod browser {
    /// A file from the reader's device.
    #[derive(Clone, Debug)]
    pub struct PickedFile(web_sys::File);

    impl PickedFile {
        pub fn name(&self) -> String {
            self.0.name()
        }

        /// In bytes. A float, as the browser counts.
        pub fn size(&self) -> f64 {
            self.0.size()
        }

        /// The type the browser guesses from the name; empty when it has no guess.
        pub fn media_type(&self) -> String {
            self.0.type_()
        }

        /// The browser's own handle, for uploading.
        pub fn file(&self) -> &web_sys::File {
            &self.0
        }
    }

    pub fn from_event(event: &leptos::ev::Event) -> Vec<PickedFile> {
        let input: web_sys::HtmlInputElement = leptos::prelude::event_target(event);
        let Some(list) = input.files() else { return Vec::new() };
        (0..list.length())
            .filter_map(|place| list.get(place))
            .map(PickedFile)
            .collect()
    }
}

#[cfg(not(feature = "hydrate"))]
mod browser {
    /// Never made on the server.
    #[derive(Clone, Debug)]
    pub enum PickedFile {}

    impl PickedFile {
        pub fn name(&self) -> String {
            match *self {}
        }

        pub fn size(&self) -> f64 {
            match *self {}
        }

        pub fn media_type(&self) -> String {
            match *self {}
        }
    }

    pub fn from_event(_event: &leptos::ev::Event) -> Vec<PickedFile> {
        Vec::new()
    }
}

pub use browser::PickedFile;
pub(super) use browser::from_event;
