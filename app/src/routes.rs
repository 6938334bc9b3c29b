//! Every URL of the web application and the page behind it, in one list.

use crate::account::pages::{
    ForgotPasswordPage, ProfilePage, RegisterPage, ResetPasswordPage, SignInPage, VerifyEmailPage,
};
use crate::admin::pages::{AdminPage, AuditPage, NewUserPage, SettingsPage, SystemPage, UserPage, UsersPage};
use crate::assignment::pages::{EditAssignmentPage, NewAssignmentPage};
use crate::course::pages::{CoursePage, CoursesPage, EditCoursePage, ImportPage, NewCoursePage, PeoplePage};
use crate::dashboard::DashboardPage;
use crate::error::AppError;
use crate::file::pages::AttachPage;
use crate::grade::pages::{CockpitPage, DialPage, GradebookPage, GroupsPage, RadarPage, ResultPage, ReviewPage};
use crate::grader_model::page::ModelsPage;
use crate::help::{HelpPage, HelpTopicPage};
use crate::mail::pages::{NotificationsPage, OutboxPage, PreferencesPage, UnsubscribePage};
use crate::maintenance::pages::MaintenancePage;
use crate::question::pages::EditQuestionPage;
use crate::shell::ErrorView;
use crate::submission::pages::{AnswerPage, AssignmentPage, ReceiptPage, VerifyPage};
use crate::tour::TourPage;
use crate::ui::GalleryPage;
use leptos::prelude::*;
use leptos_router::components::{Route, Routes};
use leptos_router::{SsrMode, path};

/// The page of the current address. `SsrMode::Async`: the HTML is whole, so pages work without JavaScript and errors have their status.
#[component]
pub fn Pages() -> impl IntoView {
    view! {
        <Routes fallback=NotFound>
            <Route path=path!("/") view=DashboardPage ssr=SsrMode::Async />
            // account
            <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async />
            <Route path=path!("/register") view=RegisterPage ssr=SsrMode::Async />
            <Route path=path!("/profile") view=ProfilePage ssr=SsrMode::Async />
            <Route path=path!("/forgot-password") view=ForgotPasswordPage ssr=SsrMode::Async />
            <Route path=path!("/reset-password") view=ResetPasswordPage ssr=SsrMode::Async />
            <Route path=path!("/verify-email") view=VerifyEmailPage ssr=SsrMode::Async />
            <Route path=path!("/notifications") view=NotificationsPage ssr=SsrMode::Async />
            <Route path=path!("/notifications/settings") view=PreferencesPage ssr=SsrMode::Async />
            <Route path=path!("/unsubscribe") view=UnsubscribePage ssr=SsrMode::Async />
            // authoring
            <Route path=path!("/courses/:course/assignments/new") view=NewAssignmentPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/edit") view=EditAssignmentPage ssr=SsrMode::Async />
            <Route path=path!("/questions/:question/edit") view=EditQuestionPage ssr=SsrMode::Async />
            // course
            <Route path=path!("/courses") view=CoursesPage ssr=SsrMode::Async />
            <Route path=path!("/courses/new") view=NewCoursePage ssr=SsrMode::Async />
            <Route path=path!("/courses/:course") view=CoursePage ssr=SsrMode::Async />
            <Route path=path!("/courses/:course/edit") view=EditCoursePage ssr=SsrMode::Async />
            <Route path=path!("/courses/:course/people") view=PeoplePage ssr=SsrMode::Async />
            <Route path=path!("/courses/:course/people/import") view=ImportPage ssr=SsrMode::Async />
            // answering
            <Route path=path!("/assignments/:assignment") view=AssignmentPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/answer") view=AnswerPage ssr=SsrMode::Async />
            <Route path=path!("/submissions/:submission/receipt") view=ReceiptPage ssr=SsrMode::Async />
            <Route path=path!("/submissions/:submission/attach/:question") view=AttachPage ssr=SsrMode::Async />
            <Route path=path!("/receipts/verify") view=VerifyPage ssr=SsrMode::Async />
            // grading
            <Route path=path!("/assignments/:assignment/grading") view=CockpitPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/review") view=ReviewPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/dial") view=DialPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/groups") view=GroupsPage ssr=SsrMode::Async />
            <Route path=path!("/assignments/:assignment/radar") view=RadarPage ssr=SsrMode::Async />
            <Route path=path!("/submissions/:submission/result") view=ResultPage ssr=SsrMode::Async />
            <Route path=path!("/courses/:course/gradebook") view=GradebookPage ssr=SsrMode::Async />
            // admin
            <Route path=path!("/admin") view=AdminPage ssr=SsrMode::Async />
            <Route path=path!("/admin/users") view=UsersPage ssr=SsrMode::Async />
            <Route path=path!("/admin/users/new") view=NewUserPage ssr=SsrMode::Async />
            <Route path=path!("/admin/users/:user") view=UserPage ssr=SsrMode::Async />
            <Route path=path!("/admin/audit") view=AuditPage ssr=SsrMode::Async />
            <Route path=path!("/admin/system") view=SystemPage ssr=SsrMode::Async />
            <Route path=path!("/admin/models") view=ModelsPage ssr=SsrMode::Async />
            <Route path=path!("/admin/settings") view=SettingsPage ssr=SsrMode::Async />
            <Route path=path!("/admin/mail") view=OutboxPage ssr=SsrMode::Async />
            <Route path=path!("/admin/maintenance") view=MaintenancePage ssr=SsrMode::Async />
            // house
            <Route path=path!("/help") view=HelpPage ssr=SsrMode::Async />
            <Route path=path!("/help/:topic") view=HelpTopicPage ssr=SsrMode::Async />
            <Route path=path!("/tour") view=TourPage ssr=SsrMode::Async />
            <Route path=path!("/gallery") view=GalleryPage ssr=SsrMode::Async />
        </Routes>
    }
}

#[component]
fn NotFound() -> impl IntoView {
    let error = AppError::not_found("This page");
    #[cfg(feature = "ssr")]
    crate::platform::http::set_status(&error);
    view! { <ErrorView error /> }
}
