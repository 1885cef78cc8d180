//! What people do with their lists.

use proto::tasks::v1 as pb;
use proto::tasks::v1::list_service_client::ListServiceClient;
use proto::tasks::v1::move_list_request::Position;
use tonic::transport::Channel;
use tonic::{Response, Status};

use super::{Person, titled};

impl Person<'_> {
    pub(crate) fn lists(&self) -> ListServiceClient<Channel> {
        ListServiceClient::new(self.channel())
    }

    pub(crate) async fn create_list(&self, message: pb::CreateListRequest) -> Result<pb::List, Status> {
        let reply = self.lists().create_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn get_list(&self, id: &str) -> Result<pb::List, Status> {
        let message = pb::GetListRequest { id: id.to_owned() };
        let reply = self.lists().get_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn list_lists(
        &self,
        message: pb::ListListsRequest,
    ) -> Result<pb::ListListsResponse, Status> {
        let reply = self.lists().list_lists(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn update_list(&self, message: pb::UpdateListRequest) -> Result<pb::List, Status> {
        let reply = self.lists().update_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn delete_list(&self, id: &str) -> Result<pb::List, Status> {
        let message = pb::DeleteListRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        let reply = self.lists().delete_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn undelete_list(&self, id: &str) -> Result<pb::List, Status> {
        let message = pb::UndeleteListRequest {
            id: id.to_owned(),
            ..Default::default()
        };
        let reply = self.lists().undelete_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }

    pub(crate) async fn move_list(&self, id: &str, position: Option<Position>) -> Result<pb::List, Status> {
        self.move_list_as(pb::MoveListRequest {
            id: id.to_owned(),
            position,
            ..Default::default()
        })
        .await
    }

    pub(crate) async fn move_list_as(&self, message: pb::MoveListRequest) -> Result<pb::List, Status> {
        let reply = self.lists().move_list(self.request(message)).await;
        reply.map(Response::into_inner)
    }
}

/// A new task in a list.
pub(crate) fn task_in(list: &pb::List, title: &str) -> pb::CreateTaskRequest {
    let mut request = titled(title);
    let task = request.task.as_mut().expect("just given");
    task.list_id.clone_from(&list.id);
    request
}

/// A new list of that title.
pub(crate) fn list_titled(title: &str) -> pb::CreateListRequest {
    let list = pb::List {
        title: title.to_owned(),
        ..Default::default()
    };
    pb::CreateListRequest {
        list: Some(list),
        ..Default::default()
    }
}
