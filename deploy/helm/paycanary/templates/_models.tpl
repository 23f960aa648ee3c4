{{/* The container of the model server, the same under a Deployment and under KServe. Call with (dict "root" $ "name" ... "ports" ...). */}}
{{- define "paycanary.modelsContainer" -}}
{{- $v := .root.Values -}}
name: {{ .name }}
image: {{ include "paycanary.image" .root }}
imagePullPolicy: {{ $v.image.pullPolicy }}
# The image's second environment: KServe's SDK wants another protobuf than the rest.
command: [/opt/paycanary-models/bin/paycanary]
args: [models, serve, --host, 0.0.0.0, --port, "8080", --grpc-port, "8081"]
envFrom:
  - configMapRef: {name: {{ include "paycanary.fullname" .root }}-models}
env:
  # As many as whole processors below; os.cpu_count() would count those of the node.
  - {name: PAYCANARY_MODELS_THREADS, value: {{ $v.models.resources.limits.cpu | quote }}}
  - {name: HOME, value: /tmp}
  - {name: PYTHONDONTWRITEBYTECODE, value: "1"}
  {{- if $v.models.existingClaim }}
  - {name: PAYCANARY_MODELS_DIR, value: /models}
  {{- end }}
ports: {{- toYaml .ports | nindent 2 }}
startupProbe:
  httpGet: {path: /v2/health/ready, port: 8080}
  periodSeconds: 2
  failureThreshold: 30
readinessProbe:
  httpGet: {path: /v2/health/ready, port: 8080}
  periodSeconds: 2
  failureThreshold: 1
livenessProbe:
  httpGet: {path: /v2/health/live, port: 8080}
  periodSeconds: 10
  timeoutSeconds: 5
resources: {{- toYaml $v.models.resources | nindent 2 }}
securityContext: {{- include "paycanary.containerSecurity" .root | nindent 2 }}
volumeMounts:
  - {name: tmp, mountPath: /tmp}
  {{- if $v.models.existingClaim }}
  - {name: models, mountPath: /models, readOnly: true}
  {{- end }}
{{- end }}

{{- define "paycanary.modelsVolumes" -}}
- name: tmp
  emptyDir: {sizeLimit: 64Mi}
{{- with .Values.models.existingClaim }}
- name: models
  persistentVolumeClaim: {claimName: {{ . }}, readOnly: true}
{{- end }}
{{- end }}
