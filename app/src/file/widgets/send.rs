//! The browser's part of an upload: announce, send with progress, have it checked.

use super::attach::Step;
use crate::error::{AppError, AppResult, ErrorKind};
use crate::file::api;
use crate::file::model::{Attachment, Upload};
use crate::ids::{QuestionId, SubmissionId};
use crate::ui::PickedFile;
use js_sys::{Promise, Uint8Array};
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::{ProgressEvent, XmlHttpRequest};

/// One widget's upload; a handle.
#[derive(Clone, Copy)]
pub struct Work {
    submission: SubmissionId,
    question: QuestionId,
    attached: RwSignal<Option<Attachment>>,
    step: RwSignal<Step>,
    on_change: Callback<Option<Attachment>>,
    last: RwSignal<Option<PickedFile>, LocalStorage>,
    under_way: StoredValue<Option<XmlHttpRequest>, LocalStorage>,
}

impl Work {
    pub fn new(
        submission: SubmissionId,
        question: QuestionId,
        attached: RwSignal<Option<Attachment>>,
        step: RwSignal<Step>,
        on_change: Callback<Option<Attachment>>,
    ) -> Work {
        let work = Work {
            submission,
            question,
            attached,
            step,
            on_change,
            last: RwSignal::new_local(None),
            under_way: StoredValue::new_local(None),
        };
        on_cleanup(move || work.cancel());
        work
    }

    pub fn send(self, files: Vec<PickedFile>) {
        if let Some(file) = files.into_iter().next() {
            self.last.set(Some(file.clone()));
            spawn_local(self.run(file));
        }
    }

    pub fn can_retry(self) -> bool {
        self.last.with(Option::is_some) && matches!(self.step.get(), Step::Failed(_))
    }

    pub fn retry(self) {
        if let Some(file) = self.last.get_untracked() {
            spawn_local(self.run(file));
        }
    }

    pub fn cancel(self) {
        self.under_way
            .try_with_value(|request| request.as_ref().map(XmlHttpRequest::abort));
    }

    pub fn remove(self) {
        let Some(file) = self.attached.get_untracked() else {
            return;
        };
        self.step.set(Step::Removing);
        spawn_local(async move {
            match api::remove_file(file.id).await {
                Ok(()) => {
                    self.attached.try_set(None);
                    self.last.try_set(None);
                    self.step.try_set(Step::Idle);
                    self.on_change.run(None);
                }
                Err(error) => self.fail(error.message),
            }
        });
    }

    async fn run(self, file: PickedFile) {
        self.attached.try_set(None);
        self.step.try_set(Step::Sending {
            sent: 0.0,
            total: file.size(),
        });
        match self.whole_way(&file).await {
            Ok(Some(attachment)) => {
                let ready = attachment.is_ready();
                self.attached.try_set(Some(attachment.clone()));
                self.last.try_set(None);
                self.step.try_set(Step::Idle);
                if ready {
                    self.on_change.run(Some(attachment));
                }
            }
            Ok(None) => {
                self.last.try_set(None);
                self.step.try_set(Step::Idle);
            }
            Err(words) => self.fail(words),
        }
    }

    fn fail(self, words: String) {
        self.step.try_set(Step::Failed(words));
    }

    /// The checked file; `None` when it was cancelled.
    async fn whole_way(self, file: &PickedFile) -> Result<Option<Attachment>, String> {
        let size = file.size() as i64;
        let upload = api::begin_upload(self.submission, self.question, file.name(), file.media_type(), size)
            .await
            .map_err(|error| error.message)?;
        if !self.put(&upload, file).await? {
            return Ok(None);
        }
        self.step.try_set(Step::Checking);
        let sum = sha256(file.file()).await;
        let checked = finish(&upload, sum).await.map_err(|error| error.message)?;
        Ok(Some(checked))
    }

    /// Sends the bytes; `false` when it was cancelled.
    async fn put(self, upload: &Upload, file: &PickedFile) -> Result<bool, String> {
        let broken =
            |_| "This browser cannot send files. Use another one, or write your answer in the text field.".to_owned();
        let request = XmlHttpRequest::new().map_err(broken)?;
        request.open_with_async("PUT", &upload.url, true).map_err(broken)?;
        for (name, value) in &upload.headers {
            request.set_request_header(name, value).map_err(broken)?;
        }
        let step = self.step;
        let total = file.size();
        let progress = Closure::<dyn Fn(ProgressEvent)>::new(move |event: ProgressEvent| {
            step.try_set(Step::Sending {
                sent: event.loaded(),
                total,
            });
        });
        request
            .upload()
            .map_err(broken)?
            .set_onprogress(Some(progress.as_ref().unchecked_ref()));
        let aborted = std::rc::Rc::new(std::cell::Cell::new(false));
        let flag = aborted.clone();
        let on_abort = Closure::<dyn Fn()>::new(move || flag.set(true));
        request.set_onabort(Some(on_abort.as_ref().unchecked_ref()));
        let end = Promise::new(&mut |resolve, _| request.set_onloadend(Some(&resolve)));
        request.send_with_opt_blob(Some(file.file())).map_err(broken)?;
        self.under_way.try_set_value(Some(request.clone()));
        // Always resolves: sent, failed and cancelled all end the loading.
        let _ = JsFuture::from(end).await;
        self.under_way.try_set_value(None);
        request.set_onabort(None);
        if aborted.get() {
            return Ok(false);
        }
        match request.status().unwrap_or(0) {
            200..=299 => Ok(true),
            0 => Err("The connection broke while the file was sent. Check it and try again.".into()),
            403 => Err("The file changed while it was sent, or sending took too long. Try again.".into()),
            _ => Err("The file store did not take the file. Try again in a moment.".into()),
        }
    }
}

/// A lost answer is asked for again: checking twice is fine.
async fn finish(upload: &Upload, sum: Option<String>) -> AppResult<Attachment> {
    let mut last = AppError::unavailable("");
    for pause in [0, 1_000, 4_000] {
        gloo_timers::future::TimeoutFuture::new(pause).await;
        match api::finish_upload(upload.file, sum.clone()).await {
            Err(error) if error.kind == ErrorKind::Unavailable => last = error,
            done => return done,
        }
    }
    Err(last)
}

/// The file's SHA-256 in hex; `None` where the browser does not offer it (plain http other than this machine).
async fn sha256(file: &web_sys::File) -> Option<String> {
    let subtle = window().crypto().ok()?.subtle();
    if subtle.is_undefined() {
        return None;
    }
    let bytes = JsFuture::from(file.array_buffer()).await.ok()?;
    let sum = JsFuture::from(
        subtle
            .digest_with_str_and_buffer_source("SHA-256", bytes.unchecked_ref())
            .ok()?,
    )
    .await
    .ok()?;
    Some(
        Uint8Array::new(&sum)
            .to_vec()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    )
}
