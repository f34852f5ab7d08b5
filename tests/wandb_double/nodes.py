"""What the server shows of its state: users, projects, runs, artifacts and views."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from wandb_double.executor import Node, NotModelled, edges, node
from wandb_double.state import (
    ENTITY,
    MOMENT,
    ORGANISATION,
    ORGANISATION_ENTITY,
    Artifact,
    Collection,
    Run,
    State,
    blob_of,
)

FEATURES = ("ARTIFACT_DIGEST_ALGORITHM", "USE_ARTIFACT_WITH_ENTITY_AND_PROJECT_INFORMATION")
"""What newer servers can do, and the client then uses."""


class Nodes:
    """Objects over the state; ``address`` turns a path into a URL that the client can put to or get from."""

    def __init__(self, state: State, address: Callable[[str], str]):
        self.state, self.address = state, address

    def query(self) -> Node:
        """The root of every query."""
        return node(
            "Query",
            viewer=self._viewer(),
            serverInfo=node(
                "ServerInfo", features=[node("Feature", name=n, isEnabled=True) for n in FEATURES]
            ),
            entity=self._entity,
            model=lambda name, entityName: self._project(entityName or ENTITY, name),
            project=lambda name, entityName: self._project(entityName or ENTITY, name),
            models=self._projects,
            artifact=lambda id: self.artifact(self.state.artifacts[id]),
            clientIDMapping=self._client_id,
        )

    def _viewer(self) -> Node:
        teams = edges([node("Entity", name=ENTITY)])
        return node(
            "User",
            id="user:1",
            entity=ENTITY,
            username="ana",
            name="Ana",
            email="ana@example.org",
            flags="{}",
            teams=teams,
            admin=False,
            deletedAt=None,
            apiKeys=edges([]),
        )

    def _entity(self, name: str) -> Node:
        own = node("Entity", name=ORGANISATION_ENTITY)
        organisation = node("Organization", name=ORGANISATION, orgEntity=own, coreWeaveOrganizationId=None)
        return node("Entity", name=name, organization=organisation, user=None, xxhashDigestsEnabled=False)

    def _projects(self, entityName: str, after: str | None, first: int) -> Node:
        return edges(
            [self.about(entity, name) for entity, name in self.state.projects if entity == entityName]
        )

    def about(self, entity: str, name: str) -> Node:
        number = self.state.project(entity, name)
        return node(
            "Project",
            id=f"project:{number}",
            internalId=str(number),
            name=name,
            entity=node("Entity", id=f"entity:{entity}", name=entity),
            entityName=entity,
            createdAt=MOMENT,
            isBenchmark=False,
            readOnly=False,
            user=None,
            description=None,
            access="PRIVATE",
            views=None,
        )

    def _project(self, entity: str, name: str) -> Node | None:
        if (entity, name) not in self.state.projects:
            return None
        about = self.about(entity, name)

        def run(**asked: Any) -> Node | None:
            found = self.state.runs.get((entity, name, asked.pop("name")))
            if asked.pop("missingOk", True) is not True or asked:
                raise NotModelled(f"a run asked for with {asked}")
            return found and self.run(found)

        def collection(**asked: Any) -> Node | None:
            found = self.state.collections.get((entity, name, asked["name"]))
            return found and self._collection(found)

        def membership(**asked: Any) -> Node | None:
            which, _, alias = asked["name"].partition(":")
            found = self.state.collections.get((entity, name, which))
            named = found and found.named(alias or "latest")
            return self.membership(found, named) if found and named else None

        def artifact(**asked: Any) -> Node | None:
            found = membership(**asked)
            return found and found.fields["artifact"]

        return Node(
            "Project",
            {
                **about.fields,
                "artifact": artifact,
                "bucket": run,
                "run": run,
                "runs": lambda **asked: self._runs(entity, name, **asked),
                "runCount": lambda filters=None: len(self._chosen(entity, name, filters)),
                "artifactCollection": collection,
                "artifactCollectionMembership": membership,
                "artifactType": lambda **asked: self._type_if_any(entity, name, asked["name"]),
                "artifactTypes": lambda **asked: edges(
                    [self._type(entity, name, one) for one in self._types(entity, name)]
                ),
                "allViews": lambda **asked: self._views(entity, name, **asked),
            },
        )

    def run(self, run: Run) -> Node:
        history = run.lines.get("wandb-history.jsonl", [])
        return node(
            "Run",
            id=f"run:{run.number}",
            name=run.name,
            projectId=self.state.project(run.entity, run.project),
            project=self.about(run.entity, run.project),
            displayName=run.display_name,
            description=None,
            notes=run.notes,
            tags=run.tags,
            group=run.group,
            jobType=run.job_type,
            sweepName=None,
            commit=None,
            readOnly=False,
            state=run.state,
            createdAt=MOMENT,
            heartbeatAt=MOMENT,
            user=node("User", name="Ana", username="ana"),
            config=json.dumps(run.config),
            wandbConfig=lambda keys: json.dumps(
                {"t": run.config.get("_wandb", {}).get("value", {}).get("t", {})}
            ),
            summaryMetrics=json.dumps(run.summary),
            systemMetrics="{}",
            historyLineCount=len(history),
            eventsLineCount=len(run.lines.get("wandb-events.jsonl", ())),
            logLineCount=len(run.lines.get("output.log", ())),
            historyTail=json.dumps(history[-1:]),
            eventsTail=json.dumps(run.lines.get("wandb-events.jsonl", [])[-1:]),
            historyKeys={
                "lastStep": max((row["_step"] for row in run.history), default=-1),
                "keys": {name: {} for row in run.history for name in row},
            },
            history=lambda minStep=0, maxStep=None, samples=None: [
                line
                for line, row in zip(history, run.history, strict=True)
                if minStep <= row["_step"] and (maxStep is None or row["_step"] < maxStep)
            ],
            sampledHistory=lambda specs: [self._sampled(run, json.loads(spec)) for spec in specs],
            parquetHistory=lambda liveKeys: node("ParquetHistory", parquetUrls=[], liveData=run.history),
            fileCount=len(run.files),
            files=lambda names=None, after=None, first=None, pattern=None: edges(
                [self._file(run, name) for name in run.files if not names or name in names]
            ),
            outputArtifacts=lambda after=None, first=None: edges(
                [
                    self.artifact(one)
                    for one in self.state.artifacts.values()
                    if one.by is run and one.state == "COMMITTED"
                ]
            ),
            inputArtifacts=lambda after=None, first=None: edges([self.artifact(one) for one in run.used]),
        )

    def _file(self, run: Run, name: str) -> Node:
        url = self.address(f"files/{run.entity}/{run.project}/{run.name}/{name}")
        return node(
            "File",
            id=f"file:{name}",
            name=name,
            url=lambda upload=False: url,
            directUrl=url,
            sizeBytes=len(run.files[name]),
            mimetype=None,
            updatedAt=MOMENT,
            md5=None,
        )

    def _sampled(self, run: Run, spec: Mapping[str, Any]) -> list[dict[str, Any]]:
        keys = spec["keys"]
        return [{key: row[key] for key in keys} for row in run.history if all(key in row for key in keys)]

    def _chosen(self, entity: str, project: str, filters: str | None) -> list[Run]:
        wanted = json.loads(filters or "{}")
        return [
            run for key, run in self.state.runs.items() if key[:2] == (entity, project) and _fits(run, wanted)
        ]

    def _runs(self, entity: str, project: str, *, filters=None, after=None, first=50, order=None) -> Node:
        found = self._chosen(entity, project, filters)
        return edges([self.run(run) for run in (found[::-1] if order == "-created_at" else found)])

    def _types(self, entity: str, project: str) -> list[str]:
        found = (one.type for key, one in self.state.collections.items() if key[:2] == (entity, project))
        return list(dict.fromkeys(found))

    def _type_if_any(self, entity: str, project: str, name: str) -> Node | None:
        return self._type(entity, project, name) if name in self._types(entity, project) else None

    def _type(self, entity: str, project: str, name: str) -> Node:
        def collection(**asked: Any) -> Node | None:
            found = self.state.collections.get((entity, project, asked["name"]))
            return self._collection(found) if found and found.type == name else None

        return node(
            "ArtifactType",
            id=f"type:{name}",
            name=name,
            description=None,
            createdAt=MOMENT,
            artifactCollection=collection,
        )

    def _collection(self, one: Collection) -> Node:
        kind = "ArtifactPortfolio" if one.portfolio else "ArtifactSequence"

        def member(aliasName: str) -> Node | None:
            found = one.named(aliasName)
            return found and self.membership(one, found)

        def versions(after=None, first=None, order=None, filters=None) -> Node:
            state = json.loads(filters or "{}")
            if state not in ({}, {"state": "COMMITTED"}):
                raise NotModelled(f"versions with filters={filters}")
            there = [(n, it) for n, it in enumerate(one.members) if not state or it.state == "COMMITTED"]
            found = edges([self.artifact(version) for _, version in reversed(there)])
            listed = [
                node("VersionedEdge", **edge.fields, version=f"v{number}")
                for edge, (number, _) in zip(found.fields["edges"], reversed(there), strict=True)
            ]
            return Node("Connection", {**found.fields, "edges": listed})

        return node(
            kind,
            "ArtifactCollection",
            id=one.id,
            name=one.name,
            description=None,
            createdAt=MOMENT,
            updatedAt=MOMENT,
            project=self.about(one.entity, one.project),
            defaultArtifactType=node("ArtifactType", name=one.type),
            tags=edges([]),
            aliases=lambda after=None, first=None: edges(self._aliases(one, None)),
            digestAlgorithm=None,
            latestArtifact=self.artifact(one.members[-1]) if one.members else None,
            artifactMembership=member,
            artifacts=versions,
        )

    def _aliases(self, one: Collection, of: Artifact | None) -> list[Node]:
        named = one.aliases.items()
        return [
            node(
                "ArtifactAlias", id=f"alias:{one.id}:{name}", alias=name, artifactCollection=self._brief(one)
            )
            for name, artifact in named
            if of is None or artifact is of
        ]

    def _brief(self, one: Collection) -> Node:
        kind = "ArtifactPortfolio" if one.portfolio else "ArtifactSequence"
        about = self.about(one.entity, one.project)
        return node(kind, "ArtifactCollection", id=one.id, name=one.name, project=about)

    def membership(self, one: Collection, artifact: Artifact) -> Node:
        return node(
            "ArtifactCollectionMembership",
            id=f"membership:{one.id}:{artifact.id}",
            versionIndex=one.members.index(artifact),
            createdAt=MOMENT,
            aliases=self._aliases(one, artifact),
            artifactCollection=self._brief(one),
            artifact=self.artifact(artifact),
            files=lambda after=None, first=None: edges(
                [
                    node("File", name=name, directUrl=self.address(blob_of(artifact, entry["digest"])))
                    for name, entry in artifact.entries.items()
                    if "ref" not in entry
                ]
            ),
        )

    def _homes(self, artifact: Artifact) -> list[Collection]:
        return [one for one in self.state.collections.values() if artifact in one.members]

    def artifact(self, one: Artifact) -> Node:
        names = [alias for home in self._homes(one) for alias in self._aliases(home, one)]
        members = [self._membership_brief(home, one) for home in self._homes(one)]
        return node(
            "Artifact",
            id=one.id,
            artifactSequence=Node(
                "ArtifactSequence",
                {
                    **self._brief(one.collection).fields,
                    "latestArtifact": node("Artifact", id=one.collection.members[-1].id)
                    if one.collection.members
                    else None,
                },
                frozenset({"ArtifactCollection"}),
            ),
            versionIndex=one.index,
            artifactType=node("ArtifactType", name=one.collection.type),
            description=one.description,
            metadata=one.metadata,
            ttlDurationSeconds=one.ttl,
            ttlIsInherited=one.ttl == -1,
            tags=[],
            historyStep=None,
            state=one.state,
            size=one.size,
            digest=one.digest,
            digestAlgorithm=one.algorithm,
            commitHash=one.id.rpartition(":")[2],
            fileCount=len(one.entries) if one.manifest else 0,
            createdAt=MOMENT,
            updatedAt=MOMENT,
            aliases=names,
            artifactMemberships=edges(members),
            currentManifest=node(
                "ArtifactManifest",
                id=f"manifest:{one.id}",
                file=node("File", directUrl=self.address(f"manifests/{one.id}")),
            ),
            usedBy=lambda: edges([self.run(run) for run in self.state.runs.values() if one in run.used]),
            createdBy=one.by and self.run(one.by),
        )

    def _membership_brief(self, home: Collection, artifact: Artifact) -> Node:
        return node(
            "ArtifactCollectionMembership",
            versionIndex=home.members.index(artifact),
            createdAt=MOMENT,
            aliases=self._aliases(home, artifact),
            artifactCollection=self._brief(home),
        )

    def _client_id(self, clientID: str) -> Node | None:
        found = [one for one in self.state.artifacts.values() if one.client_id == clientID]
        return node("ClientIDMapping", serverID=found[0].id) if found else None

    def _views(self, entity: str, project: str, *, viewType="runs", viewName=None, userName=None) -> Node:
        found = [
            node("View", id=key, name=view["name"], displayName=view["displayName"], spec=view["spec"])
            for key, view in self.state.views.items()
            if (view["entityName"], view["projectName"]) == (entity, project)
            and viewName in (None, view["name"])
            and viewType == view["type"]
        ]
        return edges(found)


def _fits(run: Run, wanted: Mapping[str, Any]) -> bool:
    """Whether a run has the values that a filter of W&B's asks for: equality alone."""
    for name, value in wanted.items():
        if name == "$and":
            if not all(_fits(run, one) for one in value):
                return False
        elif name.startswith("config.") and not isinstance(value, dict):
            if run.values.get(name.split(".")[1]) != value:
                return False
        elif name.startswith("summary_metrics.") and not isinstance(value, dict):
            if run.summary.get(name.split(".", 1)[1]) != value:
                return False
        else:
            raise NotModelled(f"runs with {name}={value!r}")
    return True
