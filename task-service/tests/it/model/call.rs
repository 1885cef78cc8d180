//! Every call that writes, as it is sent, and what comes back. Compared with what the model says, a reply is without `rank`
//! and `etag`: what is in those only the server knows, and how they change is checked by itself.

use proto::tasks::v1 as pb;
use proto::tasks::v1::import_tasks_response::{self, RowError};
use tonic::{Response, Status};

use super::import::Import;
use crate::harness::Person;

macro_rules! calls {
    ($($name:ident($request:ty) = $client:ident.$method:ident),* $(,)?) => {
        /// A call that writes.
        #[derive(Debug, Clone, PartialEq)]
        pub(super) enum Call {
            $($name($request)),*
        }

        impl Call {
            /// Its method's name.
            pub(super) fn method(&self) -> &'static str {
                match self {
                    $(Self::$name(_) => stringify!($name)),*
                }
            }

            /// The id under which it can be repeated; empty means that it cannot.
            pub(super) fn request_id(&self) -> &str {
                match self {
                    $(Self::$name(message) => &message.request_id),*
                }
            }

            /// What the service says.
            pub(super) async fn send(&self, person: &Person<'_>) -> Result<Reply, Status> {
                match self {
                    $(Self::$name(message) => {
                        let request = person.request(message.clone());
                        let reply = person.$client().$method(request).await;
                        reply.map(Response::into_inner).map(Reply::from)
                    }),*
                }
            }
        }
    };
}

calls! {
    CreateTask(pb::CreateTaskRequest) = client.create_task,
    UpdateTask(pb::UpdateTaskRequest) = client.update_task,
    CompleteTask(pb::CompleteTaskRequest) = client.complete_task,
    ReopenTask(pb::ReopenTaskRequest) = client.reopen_task,
    CancelTask(pb::CancelTaskRequest) = client.cancel_task,
    SkipOccurrence(pb::SkipOccurrenceRequest) = client.skip_occurrence,
    MoveTask(pb::MoveTaskRequest) = client.move_task,
    DeleteTask(pb::DeleteTaskRequest) = client.delete_task,
    UndeleteTask(pb::UndeleteTaskRequest) = client.undelete_task,
    PurgeTask(pb::PurgeTaskRequest) = client.purge_task,
    EmptyTrash(pb::EmptyTrashRequest) = client.empty_trash,
    BatchCreateTasks(pb::BatchCreateTasksRequest) = client.batch_create_tasks,
    BatchUpdateTasks(pb::BatchUpdateTasksRequest) = client.batch_update_tasks,
    BatchDeleteTasks(pb::BatchDeleteTasksRequest) = client.batch_delete_tasks,
    CreateList(pb::CreateListRequest) = lists.create_list,
    UpdateList(pb::UpdateListRequest) = lists.update_list,
    MoveList(pb::MoveListRequest) = lists.move_list,
    DeleteList(pb::DeleteListRequest) = lists.delete_list,
    UndeleteList(pb::UndeleteListRequest) = lists.undelete_list,
    RenameLabel(pb::RenameLabelRequest) = labels.rename_label,
    DeleteLabel(pb::DeleteLabelRequest) = labels.delete_label,
    ImportTasks(Import) = imports.import_tasks,
}

/// What came back, or has to.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Reply {
    Task(pb::Task),
    Completed(pb::Task, pb::TaskCompletion),
    Tasks(Vec<pb::Task>),
    List(pb::List),
    Label(pb::Label),
    Emptied(pb::EmptyTrashResponse),
    Imported(Imported),
    Nothing,
}

/// What came of a file: how many, and what was said of which rows.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Imported {
    pub(super) created: i32,
    pub(super) updated: i32,
    pub(super) skipped: i32,
    pub(super) left_out: Vec<i32>,
    pub(super) warned: Vec<i32>,
}

impl Reply {
    /// The ids that the server may have chosen for it, in order.
    pub(super) fn ids(&self) -> Vec<String> {
        match self {
            Self::Task(task) => vec![task.id.clone()],
            Self::Completed(_, completion) => vec![completion.id.clone()],
            Self::Tasks(tasks) => tasks.iter().map(|task| task.id.clone()).collect(),
            Self::List(list) => vec![list.id.clone()],
            Self::Label(_) | Self::Emptied(_) | Self::Imported(_) | Self::Nothing => Vec::new(),
        }
    }

    /// The tasks in it.
    pub(super) fn tasks(&self) -> &[pb::Task] {
        match self {
            Self::Task(task) | Self::Completed(task, _) => std::slice::from_ref(task),
            Self::Tasks(tasks) => tasks,
            _ => &[],
        }
    }

    /// Without what only the server knows.
    pub(super) fn bare(self) -> Self {
        match self {
            Self::Task(task) => Self::Task(bare_task(task)),
            Self::Completed(task, completion) => Self::Completed(bare_task(task), completion),
            Self::Tasks(tasks) => Self::Tasks(tasks.into_iter().map(bare_task).collect()),
            Self::List(list) => Self::List(bare_list(list)),
            other => other,
        }
    }
}

/// A task without `rank` and `etag`.
pub(super) fn bare_task(task: pb::Task) -> pb::Task {
    pb::Task {
        rank: String::new(),
        etag: String::new(),
        ..task
    }
}

/// A list without `rank` and `etag`.
pub(super) fn bare_list(list: pb::List) -> pb::List {
    pb::List {
        rank: String::new(),
        etag: String::new(),
        ..list
    }
}

impl From<pb::Task> for Reply {
    fn from(task: pb::Task) -> Self {
        Self::Task(task)
    }
}

impl From<pb::CompleteTaskResponse> for Reply {
    fn from(reply: pb::CompleteTaskResponse) -> Self {
        Self::Completed(
            reply.task.expect("a task"),
            reply.completion.expect("a completion"),
        )
    }
}

impl From<pb::PurgeTaskResponse> for Reply {
    fn from(_: pb::PurgeTaskResponse) -> Self {
        Self::Nothing
    }
}

impl From<pb::EmptyTrashResponse> for Reply {
    fn from(reply: pb::EmptyTrashResponse) -> Self {
        Self::Emptied(reply)
    }
}

impl From<import_tasks_response::Result> for Reply {
    fn from(result: import_tasks_response::Result) -> Self {
        let rows = |remarks: Vec<RowError>| remarks.into_iter().map(|remark| remark.row).collect();
        Self::Imported(Imported {
            created: result.created,
            updated: result.updated,
            skipped: result.skipped,
            left_out: rows(result.row_errors),
            warned: rows(result.row_warnings),
        })
    }
}

impl From<pb::BatchCreateTasksResponse> for Reply {
    fn from(reply: pb::BatchCreateTasksResponse) -> Self {
        Self::Tasks(reply.tasks)
    }
}

impl From<pb::BatchUpdateTasksResponse> for Reply {
    fn from(reply: pb::BatchUpdateTasksResponse) -> Self {
        Self::Tasks(reply.tasks)
    }
}

impl From<pb::BatchDeleteTasksResponse> for Reply {
    fn from(reply: pb::BatchDeleteTasksResponse) -> Self {
        Self::Tasks(reply.tasks)
    }
}

impl From<pb::List> for Reply {
    fn from(list: pb::List) -> Self {
        Self::List(list)
    }
}

impl From<pb::RenameLabelResponse> for Reply {
    fn from(reply: pb::RenameLabelResponse) -> Self {
        Self::Label(reply.label.expect("a label"))
    }
}

impl From<pb::DeleteLabelResponse> for Reply {
    fn from(_: pb::DeleteLabelResponse) -> Self {
        Self::Nothing
    }
}
