"""What a client may change, and what the server answers to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from wandb_double.executor import Node, NotModelled, Refused, edges, node, taking
from wandb_double.nodes import Nodes
from wandb_double.state import ENTITY, Artifact, Collection, Run, blob_of

BUCKET_FIELDS = {
    "displayName": "display_name",
    "groupName": "group",
    "jobType": "job_type",
    "notes": "notes",
    "tags": "tags",
    "jobProgram": "program",
    "host": "host",
}
BUCKET = f"id name modelName entityName config summaryMetrics state {' '.join(BUCKET_FIELDS)}"
ARTIFACT = (
    "entityName projectName runName artifactTypeName artifactCollectionName digest digestAlgorithm "
    "description aliases metadata historyStep clientID sequenceClientID enableDigestDeduplication "
    "ttlDurationSeconds"
)
FILE = "artifactID artifactManifestID name md5 digest mimetype uploadPartsInput"
USE = "entityName projectName runName artifactID usedAs artifactEntityName artifactProjectName"
UPDATE = "artifactID description metadata aliases ttlDurationSeconds tagsToAdd tagsToDelete"
VIEW = "id entityName projectName type name displayName description spec createdUsing"


class Mutations:
    """Every mutation over the state that ``nodes`` shows; ``refuse_commits``: no artifact is taken."""

    def __init__(self, nodes: Nodes):
        self.nodes, self.state, self.address = nodes, nodes.state, nodes.address
        self.refuse_commits = False

    def mutation(self) -> Node:
        """The root of every mutation."""
        return node(
            "Mutation",
            upsertBucket=taking(BUCKET, self._upsert_bucket),
            upsertModel=taking("entityName name", self._upsert_model),
            createRunFiles=taking("entityName projectName runName files", self._run_files),
            notifyScriptableRunAlert=taking(
                "entityName projectName runName title text severity waitDuration", self._alert
            ),
            createArtifact=taking(ARTIFACT, self._create_artifact),
            createArtifactManifest=taking(
                "artifactID baseArtifactID name digest entityName projectName runName type", self._manifest
            ),
            createArtifactFiles=taking("artifactFiles storageLayout digestAlgorithm", self._artifact_files),
            commitArtifact=taking("artifactID", self._commit),
            useArtifact=taking(USE, self._use),
            addAliases=taking("artifactID aliases", self._add_aliases),
            deleteAliases=taking("artifactID aliases", self._delete_aliases),
            updateArtifact=taking(UPDATE, self._update),
            linkArtifact=taking(
                "artifactPortfolioName entityName projectName aliases artifactID", self._link
            ),
            upsertView=taking(VIEW, self._upsert_view),
        )

    def _upsert_bucket(self, given: dict[str, Any]) -> Node:
        key = (
            given.get("entityName") or ENTITY,
            given.get("modelName") or "uncategorized",
            given.get("name") or "",
        )
        if "id" in given and "name" not in given:
            (run,) = (one for one in self.state.runs.values() if f"run:{one.number}" == given["id"])
            key = (run.entity, run.project, run.name)
        self.state.project(*key[:2])
        inserted = key not in self.state.runs
        run = self.state.runs.setdefault(key, Run(*key, number=len(self.state.runs) + 1))
        for name, field in BUCKET_FIELDS.items():
            if name in given:
                setattr(run, field, given[name])
        if "config" in given:
            run.config = json.loads(given["config"])
        if "summaryMetrics" in given:
            run.summary = json.loads(given["summaryMetrics"])
        return node("UpsertBucketPayload", bucket=self.nodes.run(run), inserted=inserted)

    def _upsert_model(self, given: Mapping[str, Any]) -> Node:
        self.state.project(given["entityName"], given["name"])
        made = self.nodes.about(given["entityName"], given["name"])
        return node("UpsertModelPayload", project=made, model=made, inserted=True)

    def _run_files(self, given: Mapping[str, Any]) -> Node:
        run = self.state.runs[given["entityName"], given["projectName"], given["runName"]]
        where = f"files/{run.entity}/{run.project}/{run.name}"
        made = [node("File", name=name, uploadUrl=self.address(f"{where}/{name}")) for name in given["files"]]
        return node("CreateRunFilesPayload", runID=f"run:{run.number}", uploadHeaders=[], files=made)

    def _alert(self, given: Mapping[str, Any]) -> Node:
        run = self.state.runs[given["entityName"], given["projectName"], given["runName"]]
        run.alerts.append(given["title"])
        return node("NotifyScriptableRunAlertPayload", success=True)

    def _create_artifact(self, given: dict[str, Any]) -> Node:
        entity, project = given["entityName"], given["projectName"]
        name = given["artifactCollectionName"]
        run = self.state.runs.get((entity, project, given.get("runName", "")))
        home = self.state.collection(entity, project, given["artifactTypeName"], name, portfolio=False)
        for one in home.members:
            if given.get("enableDigestDeduplication") and one.digest == given["digest"]:
                self._name(one, given.get("aliases", ()), home)
                return node("CreateArtifactPayload", artifact=self.nodes.artifact(one))
        made = Artifact(
            f"artifact:{len(self.state.artifacts) + 1}",
            home,
            given["digest"],
            given["clientID"],
            run,
            given.get("description"),
            given.get("metadata"),
            algorithm=given.get("digestAlgorithm"),
            ttl=given.get("ttlDurationSeconds", -1),
        )
        made.wanted = [(one["artifactCollectionName"], one["alias"]) for one in given.get("aliases", ())]
        self.state.artifacts[made.id] = made
        return node("CreateArtifactPayload", artifact=self.nodes.artifact(made))

    def _manifest(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        if given["type"] != "FULL":
            raise NotModelled(f"a manifest of type {given['type']}")
        url = self.address(f"manifests/{artifact.id}")
        file = node("File", id=f"file:{artifact.id}", uploadUrl=url, uploadHeaders=[])
        return node(
            "CreateArtifactManifestPayload",
            artifactManifest=node("ArtifactManifest", id=f"manifest:{artifact.id}", file=file),
        )

    def _artifact_files(self, given: Mapping[str, Any]) -> Node:
        made = []
        for asked in given["artifactFiles"]:
            if strange := set(asked) - set(FILE.split()):
                raise NotModelled(f"a file of an artifact with {', '.join(sorted(strange))}")
            artifact = self.state.artifacts[asked["artifactID"]]
            path = blob_of(artifact, asked["md5"])
            there = path in self.state.blobs
            made.append(
                node(
                    "File",
                    storagePath=f"wandb_artifacts/{path}",
                    uploadUrl=None if there else self.address(path),
                    uploadHeaders=[],
                    uploadMultipartUrls=None,
                    artifact=node("Artifact", id=artifact.id),
                )
            )
        return node("CreateArtifactFilesPayload", files=edges(made))

    def _commit(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        if self.refuse_commits:
            raise Refused("the artifact cannot be committed")
        absent = [
            name
            for name, entry in artifact.entries.items()
            if "ref" not in entry and blob_of(artifact, entry["digest"]) not in self.state.blobs
        ]
        if absent:
            raise Refused(f"files were not uploaded: {', '.join(absent)}")
        if artifact.state != "COMMITTED":
            artifact.state, artifact.index = "COMMITTED", len(artifact.collection.members)
            artifact.collection.members.append(artifact)
        for name, alias in artifact.wanted:
            self._alias(artifact, artifact.collection.entity, artifact.collection.project, name, alias)
        return node("CommitArtifactPayload", artifact=self.nodes.artifact(artifact))

    def _name(self, artifact: Artifact, aliases: Any, home: Collection) -> None:
        for one in aliases:
            self._alias(artifact, home.entity, home.project, one["artifactCollectionName"], one["alias"])

    def _alias(self, artifact: Artifact, entity: str, project: str, collection: str, alias: str) -> None:
        home = self.state.collections[entity, project, collection]
        if artifact not in home.members:
            raise Refused(f"{artifact.id} is no version of {collection}")
        home.aliases[alias] = artifact

    def _add_aliases(self, given: Mapping[str, Any]) -> Node:
        for one in given["aliases"]:
            where = (one["entityName"], one["projectName"], one["artifactCollectionName"])
            self._alias(self.state.artifacts[given["artifactID"]], *where, one["alias"])
        return node("AddAliasesPayload", success=True)

    def _delete_aliases(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        for one in given["aliases"]:
            where = (one["entityName"], one["projectName"], one["artifactCollectionName"])
            named = self.state.collections[where].aliases
            if named.get(one["alias"]) is artifact:
                del named[one["alias"]]
        return node("DeleteAliasesPayload", success=True)

    def _update(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        artifact.metadata = given.get("metadata", artifact.metadata)
        artifact.description = given.get("description", artifact.description)
        artifact.ttl = given.get("ttlDurationSeconds", artifact.ttl)
        if given.get("tagsToAdd") or given.get("tagsToDelete"):
            raise NotModelled("tags of a version")
        self._name(artifact, given.get("aliases", ()), artifact.collection)
        return node("UpdateArtifactPayload", artifact=self.nodes.artifact(artifact))

    def _use(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        run = self.state.runs[given["entityName"], given["projectName"], given["runName"]]
        if artifact not in run.used:
            run.used.append(artifact)
        return node("UseArtifactPayload", artifact=self.nodes.artifact(artifact))

    def _link(self, given: Mapping[str, Any]) -> Node:
        artifact = self.state.artifacts[given["artifactID"]]
        home = self.state.collection(
            given["entityName"],
            given["projectName"],
            artifact.collection.type,
            given["artifactPortfolioName"],
            portfolio=True,
        )
        if artifact not in home.members:
            home.members.append(artifact)
        home.aliases["latest"] = home.members[-1]
        self._name(artifact, given.get("aliases", ()), home)
        return node(
            "LinkArtifactPayload",
            versionIndex=home.members.index(artifact),
            artifactMembership=self.nodes.membership(home, artifact),
        )

    def _upsert_view(self, given: dict[str, Any]) -> Node:
        key = given.pop("id", None)
        inserted = key is None
        if key is None:
            key = f"view:{len(self.state.views) + 1}"
            if (given["entityName"], given["projectName"]) not in self.state.projects:
                raise Refused(f"there is no project {given['projectName']}")
        elif key not in self.state.views:
            raise Refused(f"there is no view {key}")
        view = self.state.views.setdefault(key, {})
        view.update(given)
        made = node("View", id=key, name=view["name"], displayName=view.get("displayName"))
        return node("UpsertViewPayload", view=made, inserted=inserted)
