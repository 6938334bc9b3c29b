//! `/admin/users/new`: make an account.

use crate::admin::api::CreateUser;
use crate::admin::widgets::{AdminHead, Place};
use crate::course::widgets::{failure, wrong};
use crate::shell::FormError;
use crate::ui::*;
use leptos::prelude::*;

#[component]
pub fn NewUserPage() -> impl IntoView {
    let create = ServerAction::<CreateUser>::new();
    let failed = failure(create);
    let roles = vec![
        Choice::new("student", "Student"),
        Choice::new("assistant", "Assistant"),
        Choice::new("teacher", "Teacher"),
    ];
    view! {
        <AdminHead place=Place::Users below="New user" lead="The account opens with a one-time password, shown to you once."/>
        <div class="measure">
            <FormError error=failed/>
            <ActionForm action=create>
                <div class="stack">
                    <TextField name="email" label="E-mail" kind=InputKind::Email required=true autocomplete="off" maxlength=190 error=wrong(failed, "email")/>
                    <TextField name="name" label="Name" required=true autocomplete="off" maxlength=200 error=wrong(failed, "name")/>
                    <Fieldset legend="First course" hint="Leave the code empty to add them to a course later. Who teaches a course can create more.">
                        <TextField name="course" label="Course code" maxlength=40 error=wrong(failed, "course")/>
                        <Select name="role" label="Role there" options=roles value="student" error=wrong(failed, "role")/>
                    </Fieldset>
                    <Checkbox name="is_admin" label="Administrator" hint="May do everything in every course and here."/>
                    <FormActions>
                        <Button variant=Variant::Primary busy=create.pending()>"Create user"</Button>
                        <LinkButton href="/admin/users">"Cancel"</LinkButton>
                    </FormActions>
                </div>
            </ActionForm>
        </div>
    }
}
