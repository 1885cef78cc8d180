"""Signs up, keeps a task, and shows that a second person sees nothing of it.

Make the stubs from the contract, then run it against a system that `cargo run` started:

    pip install -r requirements.txt
    python -m grpc_tools.protoc -I ../../../proto --python_out=. --grpc_python_out=. \
        $(cd ../../../proto && find tandem -name '*.proto')
    PYTHONPATH=. python client.py 127.0.0.1:50051 127.0.0.1:50052
"""

import sys
import uuid

import grpc
from google.protobuf.field_mask_pb2 import FieldMask
from google.rpc import error_details_pb2
from google.type.date_pb2 import Date
from grpc_status import rpc_status
from tandem.auth.v1 import account_service_pb2, account_service_pb2_grpc
from tandem.auth.v1 import auth_service_pb2, auth_service_pb2_grpc
from tandem.tasks.v1 import task_pb2, task_service_pb2, task_service_pb2_grpc

TIMEOUT_S = 10


def main(auth_address: str, tasks_address: str) -> None:
    with grpc.insecure_channel(auth_address) as auth_channel, grpc.insecure_channel(tasks_address) as tasks_channel:
        auth = auth_service_pb2_grpc.AuthServiceStub(auth_channel)
        account = account_service_pb2_grpc.AccountServiceStub(auth_channel)
        tasks = task_service_pb2_grpc.TaskServiceStub(tasks_channel)

        ada = sign_up(auth, "ada")
        grace = sign_up(auth, "grace")
        me = account.GetUser(account_service_pb2.GetUserRequest(), metadata=bearer(ada), timeout=TIMEOUT_S)
        check(me.id == ada.user.id, "a token names its person")

        keep_a_task(tasks, ada)
        second_person_sees_nothing(tasks, ada, grace)
        refusals_can_be_read(auth, tasks, ada)
        session_goes_on(auth, tasks, ada)
    print("all good")


def sign_up(auth, name: str):
    request = auth_service_pb2.SignUpRequest(
        email=f"{name}-{uuid.uuid4()}@example.org",
        password=f"nine clouds over {name}",
        display_name=name.title(),
    )
    return auth.SignUp(request, timeout=TIMEOUT_S).session


def bearer(session):
    return (("authorization", f"Bearer {session.access_token}"),)


def keep_a_task(tasks, ada) -> None:
    request = task_service_pb2.CreateTaskRequest(
        task=task_pb2.Task(
            title="Buy bread",
            priority=task_pb2.Task.PRIORITY_HIGH,
            due=task_pb2.When(date=Date(year=2030, month=5, day=17)),
        ),
        request_id=str(uuid.uuid4()),
    )
    task = tasks.CreateTask(request, metadata=bearer(ada), timeout=TIMEOUT_S)
    again = tasks.CreateTask(request, metadata=bearer(ada), timeout=TIMEOUT_S)
    check(task == again, "a repeat with the same request_id changes nothing")
    check(task.state == task_pb2.Task.STATE_OPEN and task.due.date.day == 17, "a task is as it was asked for")

    task = tasks.UpdateTask(
        task_service_pb2.UpdateTaskRequest(
            task=task_pb2.Task(id=task.id, title="Buy bread and milk", etag=task.etag),
            update_mask=FieldMask(paths=["title"]),
        ),
        metadata=bearer(ada),
        timeout=TIMEOUT_S,
    )
    check(task.priority == task_pb2.Task.PRIORITY_HIGH, "a mask touches nothing else")
    done = tasks.CompleteTask(
        task_service_pb2.CompleteTaskRequest(id=task.id), metadata=bearer(ada), timeout=TIMEOUT_S
    )
    check(done.task.state == task_pb2.Task.STATE_DONE, "a completed task is done")
    check([each.title for each in list_tasks(tasks, ada)] == ["Buy bread and milk"], "one task is there")


def second_person_sees_nothing(tasks, ada, grace) -> None:
    (task,) = list_tasks(tasks, ada)
    check(list_tasks(tasks, grace) == [], "another person's list is empty")
    request = task_service_pb2.GetTaskRequest(id=task.id)
    refused = refusal(lambda: tasks.GetTask(request, metadata=bearer(grace), timeout=TIMEOUT_S))
    check(refused.code() == grpc.StatusCode.NOT_FOUND, "another person's task does not exist")


def refusals_can_be_read(auth, tasks, ada) -> None:
    refused = refusal(lambda: auth.SignUp(auth_service_pb2.SignUpRequest(), timeout=TIMEOUT_S))
    check(refused.code() == grpc.StatusCode.INVALID_ARGUMENT, "an empty sign-up is refused")
    info, bad_request = details(refused)
    check((info.domain, info.reason) == ("tandem", "FIELD_INVALID"), "a refusal has a reason")
    fields = {violation.field for violation in bad_request.field_violations}
    check(fields == {"email", "password"}, f"every field at fault is named: {fields}")

    request = task_service_pb2.ListTasksRequest()
    refused = refusal(lambda: tasks.ListTasks(request, timeout=TIMEOUT_S))
    check(refused.code() == grpc.StatusCode.UNAUTHENTICATED, "no token, no tasks")
    check(details(refused)[0].reason == "TOKEN_MISSING", "and the reason says so")


def session_goes_on(auth, tasks, ada) -> None:
    request = auth_service_pb2.RefreshSessionRequest(refresh_token=ada.refresh_token)
    fresh = auth.RefreshSession(request, timeout=TIMEOUT_S).session
    check(len(list_tasks(tasks, fresh)) == 1, "a refreshed token works")
    auth.SignOut(auth_service_pb2.SignOutRequest(refresh_token=fresh.refresh_token), timeout=TIMEOUT_S)
    request = auth_service_pb2.RefreshSessionRequest(refresh_token=fresh.refresh_token)
    refused = refusal(lambda: auth.RefreshSession(request, timeout=TIMEOUT_S))
    check(details(refused)[0].reason == "SESSION_ENDED", "a session that was signed out has ended")


def list_tasks(tasks, session) -> list:
    request = task_service_pb2.ListTasksRequest()
    return list(tasks.ListTasks(request, metadata=bearer(session), timeout=TIMEOUT_S).tasks)


def refusal(call) -> grpc.RpcError:
    try:
        call()
    except grpc.RpcError as error:
        return error
    raise AssertionError("the call should have been refused")


def details(error: grpc.RpcError):
    """The ErrorInfo that every refusal has, and the BadRequest that some have."""
    info, bad_request = error_details_pb2.ErrorInfo(), error_details_pb2.BadRequest()
    for packed in rpc_status.from_call(error).details:
        packed.Unpack(info) or packed.Unpack(bad_request)
    return info, bad_request


def check(holds: bool, what: str) -> None:
    if not holds:
        raise AssertionError(f"this does not hold: {what}")
    print("ok:", what)


if __name__ == "__main__":
    main(*sys.argv[1:])
